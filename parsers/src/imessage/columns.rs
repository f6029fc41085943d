//! Columns by name: their order differs between a database that a version created and one that it upgraded.

use forensics_core::store::sqlite::{Col, Table};

/// Declares a set of columns; one that a table lacks reads as nothing.
macro_rules! columns {
    ($(#[$meta:meta])* $name:ident { $($field:ident: $column:literal),* $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, Default)]
        pub(super) struct $name { $(pub(super) $field: Col),* }
        impl $name {
            pub(super) fn of(table: Option<&Table>) -> Self {
                let column = |name| table.map_or(Col::ABSENT, |t| t.column(name));
                Self { $($field: column($column)),* }
            }
        }
    };
}

columns! {
    /// `message`, of every version since iOS 6.
    MessageColumns {
        rowid: "ROWID", guid: "guid", text: "text", body: "attributedBody", subject: "subject", service: "service",
        account: "account", handle: "handle_id", other_handle: "other_handle", own: "destination_caller_id",
        from_me: "is_from_me", date: "date", date_read: "date_read", date_delivered: "date_delivered",
        date_played: "date_played", date_edited: "date_edited", date_retracted: "date_retracted",
        date_recovered: "date_recovered", sent: "is_sent", delivered: "is_delivered", finished: "is_finished",
        read: "is_read", error: "error", audio: "is_audio_message", downgraded: "was_downgraded",
        item_type: "item_type", group_action: "group_action_type", group_title: "group_title",
        target: "associated_message_guid", target_type: "associated_message_type",
        target_emoji: "associated_message_emoji", balloon: "balloon_bundle_id", effect: "expressive_send_style_id",
        summary: "message_summary_info", chain: "reply_to_guid", originator: "thread_originator_guid",
        schedule_type: "schedule_type", schedule_state: "schedule_state", satellite: "is_pending_satellite_send",
        verified: "is_kt_verified", notified: "did_notify_recipient", quietly: "was_delivered_quietly",
        state: "ck_sync_state", record: "ck_record_id", tag: "ck_record_change_tag",
        sr_state: "sr_ck_sync_state", sr_record: "sr_ck_record_id", sr_tag: "sr_ck_record_change_tag",
        ranges: "syndication_ranges", synced_ranges: "synced_syndication_ranges",
    }
}

columns! {
    /// `attachment`.
    AttachmentColumns {
        guid: "guid", filename: "filename", mime: "mime_type", name: "transfer_name", bytes: "total_bytes",
        transfer_state: "transfer_state", user_info: "user_info", hidden: "hide_attachment",
        state: "ck_sync_state", record: "ck_record_id",
    }
}

columns! {
    /// `chat`.
    ChatColumns {
        guid: "guid", style: "style", state: "state", account_id: "account_id", properties: "properties",
        identifier: "chat_identifier", service: "service_name", room: "room_name", login: "account_login",
        archived: "is_archived", name: "display_name", group: "group_id", lookup: "successful_query",
        sync_state: "ck_sync_state", record: "cloudkit_record_id", token: "server_change_token",
        last_read: "last_read_message_timestamp", recovered: "is_recovered", filtered: "is_filtered",
    }
}

columns! {
    /// `handle`.
    HandleColumns {
        id: "id", country: "country", service: "service", uncanonicalized: "uncanonicalized_id",
        person: "person_centric_id",
    }
}
