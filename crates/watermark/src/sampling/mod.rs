//! Watermarks that a language model's sampling puts into text, for those who own the sampling loop, and their detectors.
//!
//! Nothing is added to the words: which token is drawn leans towards what a key says. The detector needs the token numbers
//! (so the same tokenizer) and the key, never the model. Two families are here, each with both halves:
//!
//! - [`GreenList`]: a keyed part of the vocabulary is favoured (Kirchenbauer et al., "A Watermark for Large Language
//!   Models", 2023, and "On the Reliability of Watermarks", 2023), with the seeding schemes `lefthash` and `selfhash`;
//! - [`Tournament`]: keyed bits of each candidate decide knock-out rounds (Dathathri et al., "Scalable watermarking for
//!   identifying large language model outputs", Nature 634, 2024), as the published SynthID-Text code computes them.
//!
//! Both are held to numbers of the published implementations, whose generator is PyTorch's on a CPU ([`Mersenne`]). Text
//! that was sampled with lists made by a GPU's generator, which is another, is not detected.
//!
//! Substituted words weaken, a paraphrase removes these marks. Texts of few tokens cannot show them: see [`Band`].

mod green_list;
mod mersenne;
mod score;
mod tournament;

pub use green_list::{GreenList, GreenListError, Seeding};
pub use mersenne::Mersenne;
pub use score::{Band, LEAST_TOKENS, Score};
pub use tournament::{Drawn, Tournament, TournamentError};
