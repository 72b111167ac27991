//! The note an officer pastes.
