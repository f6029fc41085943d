//! Progress: bars on a terminal, a plain line every ten seconds elsewhere, nothing when quiet. Always on standard error.

use std::io::{IsTerminal as _, Write as _, stderr};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use forensics_core::run::{Event, Progress};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::terminal_text::{clean, cut};

/// Time between two plain lines.
const EVERY: Duration = Duration::from_secs(10);

/// What is being done.
#[derive(Debug, Default)]
struct Now {
    item: String,
    doing: String,
    reading: Vec<String>,
    installs: usize,
    read: usize,
}

/// What both the events and the ticking thread see.
#[derive(Default)]
struct Shared {
    now: Mutex<Now>,
    records: AtomicU64,
    over: AtomicBool,
    wake: Condvar,
}

impl Shared {
    fn now(&self) -> MutexGuard<'_, Now> {
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One line on how things stand.
    fn line(&self, begun: Instant) -> String {
        let now = self.now();
        let records = self.records.load(Ordering::Relaxed);
        let mut line = format!("{}: {}", now.item, now.doing);
        if now.installs > 0 {
            line.push_str(&format!(", {} of {} apps", now.read, now.installs));
        }
        if !now.reading.is_empty() {
            line.push_str(&format!(" ({})", now.reading.join(", ")));
        }
        let seconds = begun.elapsed().as_secs();
        line.push_str(&format!(", {records} records, {}:{:02}", seconds / 60, seconds % 60));
        line
    }
}

/// How progress is shown.
enum Shown {
    Bar(ProgressBar),
    Lines(Option<JoinHandle<()>>),
    Nothing,
}

/// The progress of a run.
pub(crate) struct Bars {
    shared: Arc<Shared>,
    shown: Shown,
    begun: Instant,
}

impl Bars {
    /// Bars on a terminal, lines elsewhere, nothing when quiet.
    pub(crate) fn new(quiet: bool) -> Self {
        let shared = Arc::new(Shared::default());
        let begun = Instant::now();
        let shown = match (quiet, stderr().is_terminal()) {
            (true, _) => Shown::Nothing,
            (false, true) => Shown::Bar(bar()),
            (false, false) => Shown::Lines(ticking(Arc::clone(&shared), begun)),
        };
        Bars { shared, shown, begun }
    }

    /// Ends it and clears the bar.
    pub(crate) fn finish(mut self) {
        self.end();
    }

    fn end(&mut self) {
        self.shared.over.store(true, Ordering::Relaxed);
        self.shared.wake.notify_all();
        match &mut self.shown {
            Shown::Bar(bar) => bar.finish_and_clear(),
            Shown::Lines(thread) => {
                if let Some(thread) = thread.take() {
                    let _ = thread.join();
                }
            }
            Shown::Nothing => {}
        }
    }

    fn refresh(&self) {
        if let Shown::Bar(bar) = &self.shown {
            bar.set_message(cut(&clean(&self.shared.line(self.begun)), 160).into_owned());
        }
    }
}

impl Drop for Bars {
    fn drop(&mut self) {
        self.end();
    }
}

fn bar() -> ProgressBar {
    let style =
        ProgressStyle::with_template("{spinner:.cyan} {wide_msg}").unwrap_or_else(|_| ProgressStyle::default_spinner());
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(8)).with_style(style);
    bar.enable_steady_tick(Duration::from_millis(125));
    bar
}

/// A line every ten seconds until it is over.
fn ticking(shared: Arc<Shared>, begun: Instant) -> Option<JoinHandle<()>> {
    let tick = move || {
        let lock = Mutex::new(());
        let mut guard = lock.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            (guard, _) = shared.wake.wait_timeout(guard, EVERY).unwrap_or_else(PoisonError::into_inner);
            if shared.over.load(Ordering::Relaxed) {
                return;
            }
            let _ = writeln!(stderr(), "{}", clean(&shared.line(begun)));
        }
    };
    std::thread::Builder::new().name("progress".to_owned()).spawn(tick).ok()
}

impl Progress for Bars {
    fn event(&self, event: Event<'_>) {
        if let Event::Records(more) = event {
            // Comes often and from many threads: only counted here, and drawn with the next tick.
            let before = self.shared.records.fetch_add(more, Ordering::Relaxed);
            if before / 5_000 == (before + more) / 5_000 {
                return;
            }
        } else {
            self.shared.now().take(&event);
        }
        self.refresh();
    }
}

impl Now {
    fn take(&mut self, event: &Event<'_>) {
        let label = |app: &str, install: &str| {
            if install.starts_with(app) { install.to_owned() } else { format!("{app}: {install}") }
        };
        match event {
            Event::Opening { item, of, path } => {
                *self = Now { item: format!("[{item}/{of}] {path}"), doing: "opening".to_owned(), ..Now::default() };
            }
            Event::Opened { container, files, installs } => {
                self.doing = format!("{container}, {files} files");
                self.installs = *installs;
            }
            Event::Reading { app, install } => self.reading.push(label(app, install)),
            Event::Read { app, install } => {
                let done = label(app, install);
                self.reading.retain(|r| *r != done);
                self.read += 1;
            }
            Event::Reconciling => "reconciling".clone_into(&mut self.doing),
            Event::Hashing => "finishing the hash".clone_into(&mut self.doing),
            Event::Done { .. } => "done".clone_into(&mut self.doing),
            Event::Records(_) => {}
        }
    }
}
