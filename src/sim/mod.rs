//! What AWS answers in demo and test: the wire protocol in process. Knows no type of ours.
