use std::fmt;

use serde::{Deserialize, Serialize};

/// A text that somebody wrote for somebody. `Debug` tells its length only: texts do not go to logs.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Body(pub String);

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Body({} characters)", self.0.chars().count())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_in_a_log_is_its_length() {
        assert_eq!(format!("{:?}", Body("Réni".to_owned())), "Body(4 characters)");
    }
}
