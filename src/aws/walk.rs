//! Walking a list page by page, to its true end or to a problem that says it is not the end.
//! Knows no operation; the SDK's paginators are not used, because they end silently on a repeated token.

use std::collections::HashSet;

use tokio::sync::mpsc::Sender;

use crate::fleet::{Answer, Page, Problem, ProblemKind};

/// AWS may answer with empty pages that still have a next one; after so many in a row it is not working.
const EMPTY_PAGES: usize = 50;

/// One page as it came.
#[derive(Debug)]
pub(super) struct Sheet<R> {
    pub(super) rows: Vec<R>,
    /// Rows that came without the fields that name them, and cannot be shown.
    pub(super) nameless: usize,
    pub(super) next: Option<String>,
}

impl<R> Sheet<R> {
    /// A page out of AWS's rows, of which those without a name become `None`.
    pub(super) fn new(rows: impl ExactSizeIterator<Item = Option<R>>, next: Option<String>) -> Self {
        let all = rows.len();
        let rows: Vec<R> = rows.flatten().collect();
        Self { nameless: all - rows.len(), rows, next: next.filter(|token| !token.is_empty()) }
    }
}

/// All rows of a list that is worth nothing in part; `page` gives the one a token stands for.
///
/// # Errors
///
/// The problem of any page, or that the list does not end, or has rows without a name.
pub(super) async fn all<R, F, Fut>(page: F) -> Result<Vec<R>, Problem>
where
    F: Fn(Option<String>) -> Fut,
    Fut: Future<Output = Result<Sheet<R>, Problem>>,
{
    let (mut all, mut token, mut chain) = (Vec::new(), None, Chain::default());
    loop {
        let sheet = page(token).await?;
        let next = chain.link(&sheet)?;
        all.extend(sheet.rows);
        token = match next {
            Some(next) => Some(next),
            None => return chain.end().map(|()| all),
        };
    }
}

/// The tokens of one walk, and what speaks against its ever ending well.
#[derive(Debug, Default)]
struct Chain {
    tokens: HashSet<String>,
    empty: usize,
    nameless: usize,
}

impl Chain {
    /// The token of the next page, if there is one.
    fn link<R>(&mut self, sheet: &Sheet<R>) -> Result<Option<String>, Problem> {
        self.nameless += sheet.nameless;
        self.empty = if sheet.rows.is_empty() { self.empty + 1 } else { 0 };
        let Some(next) = &sheet.next else { return Ok(None) };
        if !self.tokens.insert(next.clone()) {
            return Err(incomplete("AWS gave the same page token twice, so the list would never end"));
        }
        if self.empty >= EMPTY_PAGES {
            return Err(incomplete("AWS keeps sending empty pages, so the list does not end"));
        }
        Ok(Some(next.clone()))
    }

    /// Whether every row was seen.
    fn end(&self) -> Result<(), Problem> {
        if self.nameless == 0 {
            return Ok(());
        }
        let message = format!("{} rows came without a name and cannot be shown", self.nameless);
        Err(incomplete(&message))
    }
}

/// Walks a list from its first page; `page` gives the one a token stands for, and has its own patience.
///
/// Each page goes to `out` as it comes. The last one is marked as last only if every row was seen. Ends early,
/// without a problem, when nobody listens any more.
pub(super) async fn walk<R, F, Fut>(
    page: F,
    wrap: fn(Page<R>) -> Answer,
    out: &Sender<Result<Answer, Problem>>,
) -> Result<(), Problem>
where
    F: Fn(Option<String>) -> Fut,
    Fut: Future<Output = Result<Sheet<R>, Problem>>,
{
    let mut restarted = false;
    loop {
        match once(&page, wrap, out).await {
            // A token may expire while we are throttled. One new start, which marks its first page as first,
            // so that nothing is counted twice; then no more.
            Err(End::TokenRefused(problem)) if !restarted => {
                tracing::info!(%problem, "the page token was refused; the list is walked again");
                restarted = true;
            }
            Err(End::TokenRefused(problem) | End::Problem(problem)) => return Err(problem),
            Ok(()) => return Ok(()),
        }
    }
}

enum End {
    TokenRefused(Problem),
    Problem(Problem),
}

async fn once<R, F, Fut>(
    page: &F,
    wrap: fn(Page<R>) -> Answer,
    out: &Sender<Result<Answer, Problem>>,
) -> Result<(), End>
where
    F: Fn(Option<String>) -> Fut,
    Fut: Future<Output = Result<Sheet<R>, Problem>>,
{
    let (mut token, mut first, mut chain) = (None, true, Chain::default());
    loop {
        let sheet = match page(token.clone()).await {
            Ok(sheet) => sheet,
            Err(problem) if token.is_some() && problem.kind == ProblemKind::Invalid => {
                return Err(End::TokenRefused(problem));
            }
            Err(problem) => return Err(End::Problem(problem)),
        };
        // What came is shown, also when the walk cannot go on from here.
        let next = chain.link(&sheet);
        let last = matches!(next, Ok(None)) && chain.end().is_ok();
        if out.send(Ok(wrap(Page { rows: sheet.rows, first, last }))).await.is_err() {
            return Ok(());
        }
        first = false;
        match next.map_err(End::Problem)? {
            None => return chain.end().map_err(End::Problem),
            next => token = next,
        }
    }
}

fn incomplete(message: &str) -> Problem {
    Problem::new(
        ProblemKind::Unexpected,
        message,
        "The rows shown are not all there are; load the list again later",
    )
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use tokio::sync::mpsc;

    use super::*;
    use crate::fleet::App;

    /// Walks over scripted pages; gives what arrived as (rows, first, last), how it ended, and the calls made.
    async fn walked(
        script: impl Fn(usize, Option<&str>) -> Result<Sheet<App>, Problem>,
    ) -> (Vec<(usize, bool, bool)>, Result<(), Problem>, usize) {
        let (out, mut arrived) = mpsc::channel(10_000);
        let calls = AtomicUsize::new(0);
        let end = walk(
            |token| {
                let page = script(calls.fetch_add(1, Ordering::Relaxed), token.as_deref());
                async move { page }
            },
            Answer::Apps,
            &out,
        )
        .await;
        drop(out);
        let mut pages = Vec::new();
        while let Some(answer) = arrived.recv().await {
            if let Ok(Answer::Apps(page)) = answer {
                pages.push((page.rows.len(), page.first, page.last));
            }
        }
        (pages, end, calls.into_inner())
    }

    fn sheet(next: Option<&str>) -> Sheet<App> {
        Sheet { rows: Vec::new(), nameless: 0, next: next.map(str::to_owned) }
    }

    fn refused() -> Problem {
        Problem::new(ProblemKind::Invalid, "the token is not valid", "")
    }

    #[tokio::test]
    async fn only_the_page_without_a_token_is_the_last() {
        let (pages, end, _) = walked(|call, _| Ok(sheet(["a", "b"].get(call).copied()))).await;
        assert_eq!(pages, [(0, true, false), (0, false, false), (0, false, true)]);
        assert!(end.is_ok());
    }

    #[tokio::test]
    async fn an_empty_token_ends_the_list() {
        let sheet = Sheet::<App>::new(std::iter::empty(), Some(String::new()));
        assert!(sheet.next.is_none());
    }

    #[tokio::test]
    async fn a_repeated_token_is_a_problem_and_not_an_end() {
        let (pages, end, calls) = walked(|_, _| Ok(sheet(Some("same")))).await;
        assert!(end.is_err_and(|problem| problem.message.contains("same page token")));
        assert!(pages.iter().all(|(_, _, last)| !last));
        assert_eq!(calls, 2);
    }

    #[tokio::test]
    async fn a_circle_of_tokens_is_noticed_too() {
        let (_, end, calls) = walked(|call, _| Ok(sheet(Some(["a", "b", "c"][call % 3])))).await;
        assert!(end.is_err() && calls == 4);
    }

    #[tokio::test]
    async fn fresh_tokens_with_empty_pages_for_ever_come_to_an_end() {
        let (pages, end, _) = walked(|call, _| Ok(sheet(Some(&call.to_string())))).await;
        assert!(end.is_err_and(|problem| problem.message.contains("empty pages")));
        assert_eq!(pages.len(), EMPTY_PAGES);
    }

    #[tokio::test]
    async fn a_refused_token_starts_the_walk_anew_once() {
        let (pages, end, _) = walked(|call, token| {
            if call == 1 && token.is_some() { Err(refused()) } else { Ok(sheet((call < 3).then_some("t"))) }
        })
        .await;
        assert!(end.is_ok());
        assert_eq!(pages.iter().filter(|(_, first, _)| *first).count(), 2);
        let (_, end, calls) =
            walked(|_, token| if token.is_some() { Err(refused()) } else { Ok(sheet(Some("t"))) }).await;
        assert_eq!(end, Err(refused()));
        assert_eq!(calls, 4);
    }

    #[tokio::test]
    async fn a_refusal_of_the_first_page_is_no_matter_of_tokens() {
        let (_, end, calls) = walked(|_, _| Err(refused())).await;
        assert!(end.is_err() && calls == 1);
    }

    #[tokio::test]
    async fn rows_without_a_name_make_the_list_incomplete() {
        let (pages, end, _) = walked(|_, _| Ok(Sheet { rows: Vec::new(), nameless: 3, next: None })).await;
        assert_eq!(pages, [(0, true, false)]);
        assert!(end.is_err_and(|problem| problem.message.contains("3 rows")));
    }

    #[tokio::test]
    async fn a_list_that_is_needed_as_a_whole_comes_as_a_whole_or_not_at_all() {
        let pages = |pages: &'static [(usize, usize, Option<&'static str>)]| {
            let calls = AtomicUsize::new(0);
            all(move |_| {
                let (rows, nameless, next) = pages[calls.fetch_add(1, Ordering::Relaxed)];
                let sheet = Sheet { rows: vec![(); rows], nameless, next: next.map(str::to_owned) };
                async move { Ok(sheet) }
            })
        };
        assert_eq!(pages(&[(2, 0, Some("a")), (0, 0, Some("b")), (1, 0, None)]).await.unwrap().len(), 3);
        assert!(pages(&[(2, 0, Some("a")), (2, 0, Some("a"))]).await.is_err());
        assert!(pages(&[(2, 1, None)]).await.is_err());
    }

    #[tokio::test]
    async fn a_walk_that_nobody_listens_to_stops() {
        let (out, arrived) = mpsc::channel(1);
        drop(arrived);
        let end = walk(|_| async { Ok(sheet(Some("t"))) }, Answer::Apps, &out).await;
        assert!(end.is_ok());
    }
}
