using CsCheck;

namespace Tikr.Tests.Properties.Model;

/// <summary>What can happen to the world.</summary>
internal enum Happening
{
    Receive,
    Commit,
    CommitFailsOnce,
    CommitFailsForLong,
    CommitsFail,
    CommitsWork,
    CommitThenCrash,
    CommitShowsLater,
    LateCommitShows,
    StreamEnds,
    Arrive,
    ArriveElsewhere,
    ArriveTwice,
    Lose,
    Wait,
    WaitLong,
    ClockSteps,
    ClockStepsWithOpenBars,
    CloseDue,
    DoAtStore,
    DoAtStoreWithCommit,
    FailAtStore,
    LoseStoreAnswer,
    Answer,
    LoseActivation,
    Expire,
    StoreFails,
    Crash,
    ChangeSpec,
    GoneAndBack,
    Replace,
    ZombieCommit,
    RecoverySweep,
    Rebuild,
    Join,
    PeerCommit,
    PeerDies,
    Divide,
}

/// <summary>One happening; numbers choose among what is there to happen to.</summary>
internal sealed record Step(Happening What, int A, int B)
{
    // As code, so that a history that failed can be made a test.
    public override string ToString() => $"new(Happening.{What}, {A}, {B})";

    private static readonly Happening[] Weighted =
    [
        .. Enumerable.Repeat(Happening.Commit, 8), .. Enumerable.Repeat(Happening.Receive, 2), .. Enumerable.Repeat(Happening.Arrive, 10),
        .. Enumerable.Repeat(Happening.Wait, 10), .. Enumerable.Repeat(Happening.CloseDue, 6), .. Enumerable.Repeat(Happening.DoAtStore, 8),
        .. Enumerable.Repeat(Happening.Answer, 8), .. Enum.GetValues<Happening>(),
    ];

    private static readonly Happening[] OfSeveral =
    [
        .. Weighted, .. Enumerable.Repeat(Happening.PeerCommit, 10), .. Enumerable.Repeat(Happening.Join, 3),
        .. Enumerable.Repeat(Happening.Divide, 2),
    ];

    /// <summary>Any history of a node alone.</summary>
    public static Gen<Step[]> AnyHistory { get; } = HistoryOf(
        [.. Weighted.Where(what => what is not (Happening.Join or Happening.PeerCommit or Happening.PeerDies or Happening.Divide))]);

    /// <summary>Any history of several nodes. That a clock step delays no bar by more than 2 s holds for one that is alone.</summary>
    public static Gen<Step[]> AnyHistoryOfSeveral { get; } =
        HistoryOf([.. OfSeveral.Where(what => what != Happening.ClockStepsWithOpenBars)]);

    private static Gen<Step[]> HistoryOf(Happening[] weighted) =>
        Gen.Select(Gen.Int[0, weighted.Length - 1], Gen.Int[0, 1_000], Gen.Int[0, 1_000],
            (what, a, b) => new Step(weighted[what], a, b)).Array[0, 120];
}
