//! What a basket is worth to a member.
