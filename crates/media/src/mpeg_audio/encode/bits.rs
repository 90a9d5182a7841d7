/// Bits put together to bytes, the highest bit first.
#[derive(Debug, Default)]
pub(super) struct Bits {
    bytes: Vec<u8>,
    /// Bits not yet in a byte, right-aligned, fewer than eight.
    pending: u64,
    count: u32,
}

impl Bits {
    /// Appends the lowest `len` bits of `value`, at most 32.
    pub(super) fn put(&mut self, value: u32, len: u32) {
        let mask = (1_u64 << len.min(32)) - 1;
        self.pending = self.pending << len | u64::from(value) & mask;
        self.count += len;
        while self.count >= 8 {
            self.count -= 8;
            let [.., byte] = (self.pending >> self.count).to_be_bytes();
            self.bytes.push(byte);
            self.pending &= (1 << self.count) - 1;
        }
    }

    /// Number of bits.
    pub(super) fn len(&self) -> usize {
        8 * self.bytes.len() + usize::try_from(self.count).unwrap_or(0)
    }

    /// The bytes, filled up with ones to `len` bytes.
    pub(super) fn finish(mut self, len: usize) -> Vec<u8> {
        while self.len() < 8 * len {
            self.put(1, 1);
        }
        self.bytes
    }
}
