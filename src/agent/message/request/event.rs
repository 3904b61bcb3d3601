//! `POST /v1/events`: custom events of registered types (CC-19).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::fault::{Faults, FieldFault, pointer_token};
use super::fields;
use crate::agent::till::request::EventRequest;
use crate::journal::{ATTRIBUTES_MAX, AttributeName, AttributeValue, Attributes};
use crate::loyalty::{EventTypeId, MemberRef, ReceiptUid, TillId};

/// Something that happened, of a type that the programme registers.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
pub(crate) struct EventBody {
    /// The event's own id: sent again with the same id it is recorded once.
    pub(crate) event_uid: String,
    /// A registered type.
    #[serde(rename = "type")]
    #[schema(example = "survey")]
    pub(crate) event_type: String,
    /// The till that tells.
    pub(crate) till: Option<String>,
    /// Whom it is about, 32 hexadecimal digits.
    pub(crate) member: Option<String>,
    /// Named texts, at most 32.
    #[serde(default)]
    pub(crate) attributes: BTreeMap<String, String>,
}

impl EventBody {
    /// Reads the body.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub(crate) fn into_request(self) -> Result<EventRequest, Vec<FieldFault>> {
        let mut faults = Faults::default();
        let request = self.parse(&mut faults);
        faults.settle(request)
    }

    fn parse(self, faults: &mut Faults) -> Option<EventRequest> {
        let uid_at = || "/event_uid".to_owned();
        let uid = fields::id(faults, &self.event_uid, ReceiptUid::parse, uid_at);
        let type_at = || "/type".to_owned();
        let event_type = fields::id(faults, &self.event_type, EventTypeId::parse, type_at);
        let till = fields::optional_id(faults, self.till.as_deref(), TillId::parse, "/till");
        let member = self.member.as_deref();
        let member = fields::optional_id(faults, member, MemberRef::parse, "/member");
        let attributes = attributes(faults, &self.attributes);
        Some(EventRequest {
            uid: uid?,
            till,
            event_type: event_type?,
            member,
            attributes: attributes?,
        })
    }
}

fn attributes(faults: &mut Faults, texts: &BTreeMap<String, String>) -> Option<Attributes> {
    let mut values = BTreeMap::new();
    // One more than is taken, so that too many are told as such.
    for (name, value) in texts.iter().take(ATTRIBUTES_MAX + 1) {
        let at = || format!("/attributes/{}", pointer_token(name));
        let name = fields::text(faults, name, AttributeName::parse, at);
        let value = fields::text(faults, value, AttributeValue::parse, at);
        if let (Some(name), Some(value)) = (name, value) {
            values.insert(name, value);
        }
    }
    let attributes = Attributes::parse(values);
    faults.check(attributes, || "/attributes".to_owned(), "too_many_attributes")
}
