//! Enums that are written as numbers: a number once given is never given to something else.

/// Defines an enum of which each variant has a stable number (in records) and a stable name (in
/// exports, metrics and answers).
macro_rules! numbered {
    (
        $(#[$doc:meta])*
        $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $number:literal $text:literal,)+ }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $($(#[$variant_doc])* $variant = $number,)+
        }

        impl $name {
            /// Every one, by number.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The number in records; never reused.
            #[must_use]
            pub const fn number(self) -> u8 {
                self as u8
            }

            /// The one of a number.
            #[must_use]
            pub const fn from_number(number: u8) -> Option<Self> {
                match number {
                    $($number => Some(Self::$variant),)+
                    _ => None,
                }
            }

            /// The name in snake case; never changed.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)+
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.name())
            }
        }
    };
}

pub(crate) use numbered;
