#[test]
fn look() {
    use forensics_core::keys::KeyRing;
    use samples::apps::wechat::*;
    for d in [android(Variant::Modern, 7), ios(7)] {
        let f = crate::harness::read(&d, &KeyRing::default());
        for m in &f.messages {
            println!(
                "{} {}:{:?} {} {:?} {} {} {:?} [{}] {:?} {:?}",
                f.file(m.origin.store),
                m.origin.table.as_deref().unwrap(),
                m.origin.rowid,
                m.thread,
                m.sender,
                m.kind,
                m.verdict,
                m.notes,
                m.text,
                m.markers
                    .iter()
                    .map(|k| format!("{}={}", k.name, k.raw.to_string().chars().take(20).collect::<String>()))
                    .collect::<Vec<_>>(),
                m.rules()
            );
        }
        for a in &f.absences {
            println!(
                "A {} {:?} {} {} {:?} {:?}-{:?} {:?} {} {} {:?}",
                f.file(a.store),
                a.thread,
                a.kind,
                a.strength,
                a.id,
                a.after,
                a.before,
                a.at_most,
                a.text,
                a.rules,
                a.markers.iter().map(|m| (m.name.clone(), m.raw.clone(), m.value.clone())).collect::<Vec<_>>()
            );
        }
        for i in &f.issues {
            println!("I {} {} {}", i.severity, i.code, i.detail);
        }
        for t in &f.threads {
            println!("T {t:?}");
        }
        for s in &f.stores {
            println!("S {} {} {} {:?} {:?} {}", s.role, s.path, s.status, s.generation, s.encrypted, s.wal_frames);
        }
        println!(
            "accounts {:?} contacts {} truth {} found {}",
            f.accounts,
            f.contacts,
            d.truth.messages.len(),
            f.messages.len()
        );
        for t in &f.tallies {
            if t.seen > 0 {
                println!(
                    "t {} {} {} {} {} {} {}",
                    f.file(t.store),
                    t.table,
                    t.seen,
                    t.emitted,
                    t.folded,
                    t.passed_over,
                    t.quarantined
                );
            }
        }
    }
}
