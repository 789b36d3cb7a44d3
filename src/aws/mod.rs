//! How AWS is asked: the only user of the AWS SDK. Knows no screen.
