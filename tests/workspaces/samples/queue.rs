use std::collections::VecDeque;
use std::fs;

/// Jobs in the order they came.
pub struct Queue {
    jobs: VecDeque<String>,
}

impl Queue {
    pub fn new() -> Self {
        Queue { jobs: VecDeque::new() }
    }

    /// Adds the jobs of a file, one in each line.
    pub fn load(&mut self, path: &str) -> usize {
        let text = fs::read_to_string(path).unwrap();
        for line in text.lines() {
            self.jobs.push_back(line.to_string());
        }
        self.jobs.len()
    }

    pub fn next(&mut self) -> Option<String> {
        return self.jobs.pop_front();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty() {
        assert!(Queue::new().next().is_none());
    }
}
