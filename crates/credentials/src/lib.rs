//! C2PA manifests: reading and validating them, keys, and signing.
//!
//! Stands alone beside the containers: it takes a stream and a media type and gives plain facts. What they mean for
//! labels is for the schemes to say.

mod algorithm;
mod command;
mod credentials;
mod development;
mod issuing;
mod key;
mod profile;
mod read;
mod sandbox;
mod sign;
mod statement;
mod text;
mod text_armour;
pub mod text_wrapper;
mod time_stamp;
mod trust_list;
mod vouching;

pub use algorithm::Algorithm;
pub use command::{CommandError, SigningCommand};
pub use credentials::{Action, Credentials, Ingredient, Kind, Manifest, Part, Signer, State, Status, Unread};
pub use development::{DevelopmentChain, DevelopmentError};
pub use key::{KeyError, SigningKey, algorithm_of, certificate_faults};
pub use profile::Fault;
pub use read::{VALIDATOR, read, read_beside};
pub use sandbox::{StorePlace, answer, ask};
pub use sign::{Parent, SignError, Stream, can_sign, sign, sign_beside};
pub use statement::{AIGC_ASSERTION, DISCLOSURE_ASSERTION, Deed, Making, SoftBinding, Software, Statement};
pub use text::{read_text, sign_text};
pub use text_armour::{ArmourError, Reference, reference};
pub use text_wrapper::{TextWrapper, WrapperError};
pub use time_stamp::TimeStamper;
pub use trust_list::{TrustList, TrustListError};
pub use vouching::FOUND_HERE;
