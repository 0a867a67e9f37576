use super::PduError;

/// Reads octets from the front and never past the end.
#[derive(Clone, Debug)]
pub(super) struct Reader<'a> {
    octets: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    pub(super) fn new(octets: &'a [u8]) -> Self {
        Self { octets, at: 0 }
    }

    /// How many octets were read so far.
    pub(super) fn position(&self) -> usize {
        self.at
    }

    /// What has not been read.
    pub(super) fn rest(&self) -> &'a [u8] {
        &self.octets[self.at..]
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rest().is_empty()
    }

    /// The next `count` octets; `field` names them in the error.
    pub(super) fn take(&mut self, count: usize, field: &'static str) -> Result<&'a [u8], PduError> {
        let rest = self.rest();
        let taken =
            rest.get(..count).ok_or(PduError::Short { field, at: self.at, expected: count, found: rest.len() })?;
        self.at += count;
        Ok(taken)
    }

    /// The next octet.
    pub(super) fn octet(&mut self, field: &'static str) -> Result<u8, PduError> {
        self.take(1, field).map(|octets| octets[0])
    }

    /// The next `N` octets as an array.
    pub(super) fn array<const N: usize>(&mut self, field: &'static str) -> Result<[u8; N], PduError> {
        let mut array = [0; N];
        array.copy_from_slice(self.take(N, field)?);
        Ok(array)
    }
}
