//! Apple's relay, and the carrier.

use forensics_core::record::{Direction, Message};
use forensics_core::rule::{Ground, Judge, Opinion, Rule, Says as _};
use forensics_core::verdict::{Reach, Verdict};

use super::{REAL_IOS_12, record};
use crate::imessage::axes::{self, Cloud, Relay, Service};
use crate::imessage::stamps::{is_before, stamp};

pub(in crate::imessage) const PEER_READ: Rule = record(
    "imessage.ios.peer-read",
    "The store keeps the time at which a recipient's read receipt came back for this sent message: Apple's service relayed it, and a recipient opened it.",
    Ground::RealStore,
    REAL_IOS_12,
    |m| match axes::relay(m) {
        Relay::Read => Opinion::claim(Verdict::Confirmed(Reach::Read)).on(&["date_read", "is_delivered"]),
        _ => None,
    },
);

pub(in crate::imessage) const PEER_DELIVERED: Rule = record(
    "imessage.ios.peer-delivered",
    "The store keeps the time at which a recipient's device acknowledged this sent message: Apple's service relayed it to that device.",
    Ground::RealStore,
    REAL_IOS_12,
    |m| {
        let delivered = axes::has_receipts(m) && axes::flag(m, "is_delivered") && axes::dated(m, "date_delivered");
        if delivered {
            Opinion::claim(Verdict::Confirmed(Reach::Delivered)).on(&["is_delivered", "date_delivered"])
        } else {
            None
        }
    },
);

pub(in crate::imessage) const RELAY_ACCEPTED: Rule = record(
    "imessage.ios.relay-accepted",
    "The store marks this iMessage as sent and without error: Apple's service accepted it.",
    Ground::RealStore,
    REAL_IOS_12,
    |m| match (axes::relay(m), axes::service(m)) {
        (Relay::Sent, Service::Apple) => {
            Opinion::claim(Verdict::Confirmed(Reach::Accepted)).on(&["is_sent", "service", "error"])
        }
        _ => None,
    },
);

pub(in crate::imessage) const CARRIER_ACCEPTED: Rule = record(
    "imessage.ios.carrier-accepted",
    "The store marks this message as sent through the carrier; that the carrier accepted it follows from how the app behaves.",
    Ground::Inferred,
    "behaviour of sent SMS rows; no documented mark of the carrier",
    |m| match (axes::relay(m), axes::service(m)) {
        (Relay::Sent, Service::Carrier | Service::Rcs) => {
            Opinion::claim(Verdict::Confirmed(Reach::Accepted)).on(&["is_sent", "service"])
        }
        _ => None,
    },
);

pub(in crate::imessage) const FAILED: Rule = record(
    "imessage.ios.failed",
    "The store keeps an error code for this outgoing message: sending failed.",
    Ground::Parsers(1),
    "imessage-database (ReagentX/imessage-exporter): any error but 0; the list of codes is not public",
    |m| {
        if m.direction != Direction::Out || axes::error(m) == 0 {
            return None;
        }
        // The two servers are two questions: that iCloud has a copy does not deny that sending failed.
        let receipt = matches!(axes::relay(m), Relay::Read | Relay::Delivered);
        match axes::cloud(m) {
            Cloud::Confirmed { .. } if !receipt => Opinion::note("relay-failed").on(&["error"]),
            _ => Opinion::claim(Verdict::Failed).on(&["error"]),
        }
    },
);

pub(in crate::imessage) const WAITING: Rule = record(
    "imessage.ios.waiting",
    "The store says that this outgoing message is not sent yet: it is unfinished, scheduled for later, or waits for a satellite.",
    Ground::Parsers(1),
    "imessage-database; conditions of Apple's own indexes message_idx_is_scheduled_message and message_idx_is_pending_satellite_message (macOS 26.5.2)",
    |m| {
        match (axes::relay(m), axes::cloud(m)) {
            (Relay::Pending, Cloud::Confirmed { .. }) => Opinion::note("relay-pending"),
            (Relay::Pending, _) => Opinion::claim(Verdict::Pending),
            _ => None,
        }
        .on(&["is_sent", "is_finished", "schedule_type", "is_pending_satellite_send"])
    },
);

pub(in crate::imessage) const WAITS_LONG: Rule = Rule {
    id: "imessage.ios.waits-long",
    says: "This message was still waiting more than a day after it was written, by the store's newest record.",
    ground: Ground::Inferred,
    cites: "the daemon marks unfinished messages as failed when it starts; one that waits this long was not seen by it",
    judge: Judge::Waiting { hours: 24, note: "never-acknowledged" },
};

pub(in crate::imessage) const ARRIVED: Rule = record(
    "imessage.ios.arrived",
    "This iMessage is stored as received. Received rows keep no mark of the server; an iMessage arrives through Apple's service only, unless the row was restored or put in by hand.",
    Ground::RealStore,
    REAL_IOS_12,
    |m| arrived(m, Service::Apple),
);

pub(in crate::imessage) const ARRIVED_BY_CARRIER: Rule = record(
    "imessage.ios.arrived-by-carrier",
    "This message is stored as received through the carrier. Received rows keep no mark of the carrier; it arrived, unless the row was restored or put in by hand.",
    Ground::RealStore,
    REAL_IOS_12,
    |m| match axes::service(m) {
        Service::Rcs => arrived(m, Service::Rcs),
        _ => arrived(m, Service::Carrier),
    },
);

fn arrived(m: &Message, by: Service) -> Option<Opinion> {
    if axes::relay(m) != Relay::Received || axes::service(m) != by {
        return None;
    }
    let opinion = Opinion::claim(Verdict::ImpliedByArrival).on(&["service"]);
    // An incoming record whose download failed or waits did arrive.
    match (axes::error(m), m.int("is_finished")) {
        (0, Some(0)) => opinion.with("incoming-unfinished").on(&["is_finished"]),
        (0, _) => opinion,
        _ => opinion.with("incoming-with-error").on(&["error"]),
    }
}

pub(in crate::imessage) const NEVER_SENT: Rule = record(
    "imessage.ios.never-sent",
    "The store says that this outgoing message is finished, not sent, and without error: it may never have left the device.",
    Ground::Inferred,
    "reading of the flags is_finished, is_sent and error",
    |m| match axes::relay(m) {
        Relay::NeverSent => Opinion::claim(Verdict::LocalOnly).on(&["is_finished", "is_sent"]),
        _ => None,
    },
);

pub(in crate::imessage) const READ_WITHOUT_DELIVERY: Rule = record(
    "imessage.ios.read-without-delivery",
    "This sent message has the time of a read receipt, and yet the store says that it was never delivered.",
    Ground::RealStore,
    REAL_IOS_12,
    |m| {
        let undelivered = m.int("is_delivered") == Some(0);
        if m.direction == Direction::Out && undelivered && axes::dated(m, "date_read") {
            Opinion::claim(Verdict::Contradictory).on(&["date_read", "is_delivered"])
        } else {
            None
        }
    },
);

pub(in crate::imessage) const DELIVERED_BEFORE_SENT: Rule = record(
    "imessage.ios.delivered-before-sent",
    "This sent message is dated after its own delivery.",
    Ground::RealStore,
    REAL_IOS_12,
    |m| {
        let delivered = m.marker("date_delivered").filter(|_| axes::dated(m, "date_delivered"));
        let before = is_before(delivered.and_then(|d| stamp(&d.raw))?, m.sent?);
        match m.direction {
            Direction::Out if before => Opinion::claim(Verdict::Contradictory).on(&["date_delivered"]),
            // What a received row is dated by is another device's clock.
            Direction::In if before => Opinion::note("delivered-before-sent").on(&["date_delivered"]),
            _ => None,
        }
    },
);

pub(in crate::imessage) const INCOMING_AS_SENT: Rule = record(
    "imessage.ios.incoming-as-sent",
    "This message is stored as received, and yet it carries the marks of a sent and delivered one.",
    Ground::RealStore,
    REAL_IOS_12,
    |m| {
        if m.direction == Direction::In && axes::flag(m, "is_sent") && axes::dated(m, "date_delivered") {
            Opinion::claim(Verdict::Contradictory).on(&["is_sent", "date_delivered"])
        } else {
            None
        }
    },
);

pub(in crate::imessage) const OLD_ARRIVED: Rule = record(
    "imessage.ios.old-arrived",
    "This text message of iOS 5 or older is flagged as received through the carrier; such rows keep no mark of the carrier.",
    Ground::Parsers(2),
    "flags 2: readers of the old sms.db (toffer/iphone-sms-backup, linuxsleuthing)",
    |m| {
        let madrid = m.int("is_madrid").unwrap_or(0) != 0;
        if m.int("flags") == Some(2) && !madrid {
            Opinion::claim(Verdict::ImpliedByArrival).on(&["flags"])
        } else {
            None
        }
    },
);
