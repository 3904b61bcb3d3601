//! From a scan to a member.

use chrono::{DateTime, TimeDelta, Utc};

use super::Till;
use super::answer::Identified;
use super::error::TillError;
use super::event::Happened;
use super::lookup::{IDENTIFICATION_MS_MAX, Sources};
use super::member::standing;
use super::request::IdentifyRequest;
use super::tokens::Identification;
use crate::agent::clock::Sample;
use crate::agent::store::base::BaseWallet;
use crate::agent::store::ledger::codes_used::{self, LastUse};
use crate::journal::{self, ClockReading};
use crate::loyalty::MemberRef;
use crate::member_code::totp::{self, TotpSecret, TotpStep};
use crate::member_code::{self, ClockTrust, Code, RotatingCode, Scan, Strength, TokenText, token};

/// How long a used rotating code is remembered: far beyond any window in which it is accepted.
pub(crate) const ROTATING_CODE_KEPT_MS: i64 = 24 * 60 * 60 * 1_000;

/// What a code proved.
struct Proof {
    member: MemberRef,
    strength: Strength,
    /// A code that must not be used again: its key, its step, and until when to remember it.
    spent: Option<(Vec<u8>, u64, i64)>,
}

impl Till {
    /// Who a scan is. A code that may be used once is noted, durably, before this answers.
    pub(crate) async fn identify(&self, request: IdentifyRequest) -> Result<Identified, TillError> {
        let Sample { reading: clock, at } = self.inner.clock.sample();
        let trust = trust_of(&clock);
        let settings = &self.inner.codes;
        let scan = Scan::parse(&request.raw, &settings.framing)
            .map_err(|error| refused(error.code(), &error))?
            .declared(request.symbology);
        let code = member_code::read_member(&scan, &settings.rules)
            .map_err(|error| refused(error.code(), &error))?;
        let proof = match code {
            Code::Card { number, .. } => self.holder_of(number.as_str().to_owned()).await?,
            // A code's age is judged by the clock as it is, in a window for doubted clocks.
            Code::Rotating(code) => self.holder_of_wallet(code, clock.wall, trust).await?,
            Code::Token(text) => self.holder_of_token(&text, clock.wall, trust)?,
            Code::Coupon(_) => {
                return Err(TillError::Code {
                    code: "code_is_coupon",
                    sentence: "this is a coupon: send it with the basket in `offer_codes`, and scan the member's card"
                        .to_owned(),
                });
            }
            Code::Product(_) => {
                return Err(TillError::Code {
                    code: "code_is_product",
                    sentence: "this is a product: scan the member's card".to_owned(),
                });
            }
        };
        let member = proof.member;
        let known = self.member_standing(member, at).await?;
        if let Some((key, step, until_ms)) = proof.spent {
            let kept_ms = at.timestamp_millis() + ROTATING_CODE_KEPT_MS;
            self.spend_code(key, step, until_ms.max(kept_ms)).await?;
        }
        let identification = Identification { member, strength: proof.strength, issued_at: at };
        let programme = self.programme()?;
        let greetings = programme.programme().greetings_of(&known.promotions).cloned().collect();
        self.happened(Happened::Identified { member, balance: known.balance, greetings });
        Ok(Identified {
            identification_id: self.inner.tokens.identification(&identification),
            strength: proof.strength,
            expires_at: at + TimeDelta::milliseconds(IDENTIFICATION_MS_MAX),
            standing: known,
            clock_uncertain: trust == ClockTrust::Untrusted,
        })
    }

    async fn holder_of(&self, number: String) -> Result<Proof, TillError> {
        let code = self.inner.keys.directory.hash_code(&number);
        let member = self
            .read(move |sources| {
                let found = sources.base.map(|base| base.member_of_code(code)).transpose()?;
                found.flatten().ok_or(TillError::MemberUnknown)
            })
            .await?;
        Ok(Proof { member, strength: Strength::Static, spent: None })
    }

    async fn holder_of_wallet(
        &self,
        code: RotatingCode,
        now: DateTime<Utc>,
        trust: ClockTrust,
    ) -> Result<Proof, TillError> {
        let key = code.member.as_bytes().to_vec();
        let wallet_id = key.clone();
        let (wallet, last_step) = self
            .read(move |sources| {
                let wallet = sources.base.map(|base| base.wallet(&wallet_id)).transpose()?;
                let wallet: BaseWallet = wallet.flatten().ok_or(TillError::MemberUnknown)?;
                let last_step = match codes_used::last_use(sources.ledger, &wallet_id)? {
                    LastUse::Step(step) => Some(step),
                    // The writer decides what to make of a damaged row.
                    LastUse::Never | LastUse::Damaged => None,
                };
                Ok((wallet, last_step))
            })
            .await?;
        let secret = self
            .inner
            .keys
            .directory
            .open(&wallet.sealed_secret, wallet.member.as_bytes())
            .map_err(|_| TillError::Damaged)?;
        let secret = TotpSecret::from_bytes(&secret).map_err(|_| TillError::Damaged)?;
        let accepted = totp::verify(
            &secret,
            &code,
            now,
            &self.inner.codes.totp,
            trust,
            last_step.map(TotpStep),
        )
        .map_err(|refusal| refused(refusal.code(), &refusal))?;
        let until_ms = now.timestamp_millis() + ROTATING_CODE_KEPT_MS;
        let spent = Some((key, accepted.step.0, until_ms));
        Ok(Proof { member: wallet.member, strength: Strength::Totp, spent })
    }

    fn holder_of_token(
        &self,
        text: &TokenText,
        now: DateTime<Utc>,
        trust: ClockTrust,
    ) -> Result<Proof, TillError> {
        let programme = self.programme()?;
        let id = programme.programme().id.as_str();
        let token = token::verify(text, &self.inner.codes.token_keys, id, now, trust)
            .map_err(|refusal| refused(refusal.code(), &refusal))?;
        let until_ms = token.remember_until().saturating_mul(1_000);
        let spent = Some((token.claims.token_id.to_vec(), 0, until_ms));
        let member = MemberRef::from_bytes(token.claims.member_ref);
        Ok(Proof { member, strength: Strength::Token, spent })
    }

    async fn member_standing(
        &self,
        member: MemberRef,
        now: DateTime<Utc>,
    ) -> Result<super::answer::MemberStanding, TillError> {
        let programme = self.programme()?;
        let store = self.inner.store.clone();
        self.read(move |sources: Sources<'_>| {
            standing(&Sources { now, ..sources }, &programme, &store, member)
        })
        .await
    }

    /// Notes a code as used; the check is repeated inside the writer, where nobody else is. Where
    /// it is not known which code was used last, this one counts as used and the next one is good.
    async fn spend_code(&self, key: Vec<u8>, step: u64, until_ms: i64) -> Result<(), TillError> {
        let before = self
            .write(move |connection, _| {
                let before = codes_used::last_use(connection, &key)?;
                match before {
                    LastUse::Step(used) if used >= step => return Err(TillError::CodeUsed),
                    _ => codes_used::note(connection, &key, step, until_ms)?,
                }
                Ok(before)
            })
            .await?;
        if before == LastUse::Damaged { Err(TillError::CodeUsed) } else { Ok(()) }
    }
}

fn refused(code: &'static str, error: &dyn std::fmt::Display) -> TillError {
    TillError::Code { code, sentence: error.to_string() }
}

fn trust_of(clock: &ClockReading) -> ClockTrust {
    match clock.trust {
        journal::ClockTrust::Trusted => ClockTrust::Trusted,
        journal::ClockTrust::Untrusted => ClockTrust::Untrusted,
    }
}
