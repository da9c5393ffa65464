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

    /// <summary>Any history.</summary>
    public static Gen<Step[]> AnyHistory { get; } =
        Gen.Select(Gen.Int[0, Weighted.Length - 1], Gen.Int[0, 1_000], Gen.Int[0, 1_000],
            (what, a, b) => new Step(Weighted[what], a, b)).Array[0, 120];
}
