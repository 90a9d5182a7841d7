//! Both networks, loaded.

use std::fmt;
use std::path::Path;
use std::sync::Mutex;

use crate::models::{MODELS, Model, ModelError};
use crate::pixels::Pixels;
use crate::recognizer::{Line, alphabet};
use crate::regions::Region;
use crate::{detector, recognizer};
use rten::{ModelOptions, RunOptions, Value};
use rten_tensor::{NdTensor, Tensor};

/// Reads words in pictures. One picture is looked at at a time, by all processors, so that memory does not grow with the
/// number of those who ask.
pub struct Reader {
    detector: rten::Model,
    recognizer: rten::Model,
    alphabet: Vec<char>,
    turn: Mutex<()>,
}

/// Reading failed, in the engine or before.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// A network is not there.
    #[error("{file}: {why}")]
    Missing {
        /// The file.
        file: String,
        /// What the system says.
        why: String,
    },
    /// A file is not the network it should be.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// The engine cannot load or run a network.
    #[error("the engine cannot run the network: {0}")]
    Engine(String),
    /// A network answered in another shape than expected.
    #[error("the network answered in the shape {0}")]
    Answer(String),
}

impl fmt::Debug for Reader {
    fn fmt(&self, form: &mut fmt::Formatter<'_>) -> fmt::Result {
        form.debug_struct("Reader").field("letters", &self.alphabet.len()).finish_non_exhaustive()
    }
}

impl Reader {
    /// Loads the networks from a folder, in which they lie under the names [`MODELS`] gives, and checks them.
    ///
    /// # Errors
    /// If one is missing, is another file than expected or cannot be loaded.
    pub fn open(folder: &Path) -> Result<Self, ReadError> {
        apart(|| Self::load(folder))
    }

    fn load(folder: &Path) -> Result<Self, ReadError> {
        let [detection, recognition] = MODELS else {
            return Err(ReadError::Engine("two networks are expected".into()));
        };
        let detector = load(folder, detection)?;
        let recognizer = load(folder, recognition)?;
        let list = recognizer.metadata().get("character").unwrap_or_default();
        let alphabet = alphabet(list);
        Ok(Self { detector, recognizer, alphabet, turn: Mutex::new(()) })
    }

    /// Where lines of text stand. The picture is looked at in the size it has: letters should be 8 to 60 pixels high.
    ///
    /// # Errors
    /// If the engine fails.
    pub fn regions(&self, pixels: &Pixels<'_>) -> Result<Vec<Region>, ReadError> {
        self.alone(|| detector::regions(&self.detector, pixels))
    }

    /// Spells out a picture that holds one line of text, with little around it.
    ///
    /// # Errors
    /// If the engine fails.
    pub fn line(&self, pixels: &Pixels<'_>) -> Result<Line, ReadError> {
        self.alone(|| recognizer::line(&self.recognizer, &self.alphabet, pixels))
    }

    /// Runs the engine for one caller at a time.
    fn alone<T: Send>(&self, task: impl FnOnce() -> Result<T, ReadError> + Send) -> Result<T, ReadError> {
        // What a poisoned lock guards is nothing that could be half done.
        let _turn = self.turn.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        apart(task)
    }
}

/// Runs the engine in a thread of its own: a caller that is itself a worker of a thread pool would else take up other work
/// while it waits for the engine's threads, come back here before it is done, and wait for itself.
fn apart<T: Send>(task: impl FnOnce() -> Result<T, ReadError> + Send) -> Result<T, ReadError> {
    std::thread::scope(|scope| scope.spawn(task).join())
        .unwrap_or_else(|_| Err(ReadError::Engine("it broke down".into())))
}

fn load(folder: &Path, model: &Model) -> Result<rten::Model, ReadError> {
    let path = folder.join(model.file);
    let bytes = std::fs::read(&path)
        .map_err(|err| ReadError::Missing { file: path.display().to_string(), why: err.to_string() })?;
    model.check(&bytes)?;
    ModelOptions::with_all_ops().load(bytes).map_err(|err| ReadError::Engine(err.to_string()))
}

/// The answer of a network to a picture.
pub(crate) fn run(model: &rten::Model, planes: NdTensor<f32, 4>) -> Result<Tensor<f32>, ReadError> {
    let failed = |err: &dyn fmt::Display| ReadError::Engine(err.to_string());
    let answer =
        model.run_one(Value::from(planes).into(), Some(RunOptions::default())).map_err(|err| failed(&err))?;
    answer.try_into().map_err(|err: rten::TryFromValueError| failed(&err))
}
