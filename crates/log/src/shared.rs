use std::sync::{Arc, Mutex, PoisonError};

use crate::error::LogError;
use crate::writer::{Log, New};

/// A log that several threads append to. What comes while the disk is busy goes out together, so that each entry costs a
/// part of a flush and not a whole one.
#[derive(Debug)]
pub struct SharedLog {
    queue: Mutex<Vec<Waiting>>,
    log: Mutex<Log>,
}

#[derive(Debug)]
struct Waiting {
    now: u64,
    new: New,
    answer: Answer,
}

type Answer = Arc<Mutex<Option<Result<u64, Arc<LogError>>>>>;

impl SharedLog {
    /// Shares a log.
    pub fn new(log: Log) -> Self {
        Self { queue: Mutex::default(), log: Mutex::new(log) }
    }

    /// As [`Log::append`], for one entry.
    ///
    /// # Errors
    /// As [`Log::append`]: all that were to go out together then fail together, and none of them is in the log.
    pub fn append(&self, now: u64, new: New) -> Result<u64, Arc<LogError>> {
        let answer = Answer::default();
        lock(&self.queue).push(Waiting { now, new, answer: answer.clone() });
        let mut log = lock(&self.log);
        // Whoever had the log before may have taken this one along.
        if let Some(done) = lock(&answer).take() {
            return done;
        }
        let waiting = std::mem::take(&mut *lock(&self.queue));
        let now = waiting.iter().map(|one| one.now).max().unwrap_or(now);
        let (batch, answers): (Vec<_>, Vec<_>) = waiting.into_iter().map(|one| (one.new, one.answer)).unzip();
        let first = log.append(now, batch).map_err(Arc::new);
        for (number, answer) in (0..).zip(&answers) {
            *lock(answer) = Some(first.clone().map(|first| first + number));
        }
        lock(&answer).take().unwrap_or(first)
    }

    /// Does something with the log itself.
    pub fn with<T>(&self, work: impl FnOnce(&mut Log) -> T) -> T {
        work(&mut lock(&self.log))
    }
}

/// A thread that panicked has left nothing half done: what it wrote is cut off by the next append.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
