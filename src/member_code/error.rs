use super::gs1::Gs1Error;

/// Why a scan is not a code that helps here. The texts speak to the cashier and never contain the
/// code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CodeError {
    /// It begins like one of our codes but is broken.
    #[error("the code is damaged: scan it again, or ask the customer to show it again")]
    Malformed,
    /// GS1 content that is broken.
    #[error("the code is damaged ({0}): scan it again, or use another card of the customer")]
    MalformedGs1(#[source] Gs1Error),
    /// One digit was misread or mistyped.
    #[error("the check digit is wrong: scan the code again, or type all its digits again")]
    CheckDigitWrong {
        /// The digit, 0 to 9, that the others ask for; to be shown only to technicians.
        expected: u8,
    },
    /// No rule knows such a number.
    #[error("no card of this programme looks like this: ask for the customer's loyalty card")]
    NotRecognised,
    /// A code that is known and declined.
    #[error("{0}")]
    Unsupported(Unsupported),
    /// Goods where a member's code belongs.
    #[error(
        "this is a product, not a member's card: scan it as goods, and ask for the loyalty card"
    )]
    ProductInsteadOfMember,
}

/// What is recognised and declined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unsupported {
    /// AI 8110.
    #[error("a North American coupon (8110) cannot be used here: sell without it")]
    NorthAmericanCoupon,
    /// AI 8112.
    #[error(
        "a coupon of the American coupon clearing house (8112) is checked online only and cannot \
         be used here: sell without it"
    )]
    PositiveOfferCoupon,
    /// EAN prefix 980.
    #[error("this is a refund receipt: pay it out at the till, and ask for the loyalty card")]
    RefundReceipt,
    /// A web address without a member, coupon or product.
    #[error("this is a web link, not a member's card: ask for the loyalty card")]
    ForeignLink,
    /// GS1 content without a member, coupon or product.
    #[error("this GS1 code names no member, coupon or product: ask for the loyalty card")]
    OtherGs1,
}

impl CodeError {
    /// The stable code of this error.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Malformed => "code_malformed",
            Self::MalformedGs1(_) => "code_gs1_malformed",
            Self::CheckDigitWrong { .. } => "code_check_digit_wrong",
            Self::NotRecognised => "code_not_recognised",
            Self::Unsupported(reason) => reason.code(),
            Self::ProductInsteadOfMember => "code_is_product",
        }
    }
}

impl Unsupported {
    /// The stable code of this reason.
    pub const fn code(self) -> &'static str {
        match self {
            Self::NorthAmericanCoupon => "code_coupon_8110_unsupported",
            Self::PositiveOfferCoupon => "code_coupon_8112_unsupported",
            Self::RefundReceipt => "code_is_refund_receipt",
            Self::ForeignLink => "code_is_foreign_link",
            Self::OtherGs1 => "code_gs1_unsupported",
        }
    }
}

impl From<Gs1Error> for CodeError {
    /// A wrong check digit is the same news whatever carried the number.
    fn from(error: Gs1Error) -> Self {
        match error {
            Gs1Error::CheckDigit { expected, .. } => Self::CheckDigitWrong { expected },
            Gs1Error::Nothing => Self::Unsupported(Unsupported::OtherGs1),
            other => Self::MalformedGs1(other),
        }
    }
}
