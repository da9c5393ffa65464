using CsCheck;
using Tikr.Publishing.Sending;
using Tikr.Tests.Support.Memory;

namespace Tikr.Tests.Publishing;

/// <summary>
/// Any interleaving of writes, failures, lost answers and crashes: nothing is missing, keys go on in order, and what lies there twice is
/// the same.
/// </summary>
public sealed class SenderProperties
{
    private static readonly Gen<(int What, int A, int B)> Step = Gen.Select(Gen.Int[0, 16], Gen.Int[0, 63], Gen.Int[0, 63]);

    // A documented command raises it: TIKR_PROPERTY_ITERATIONS=100000 dotnet test --project Tests/Publishing
    private static int Iterations =>
        int.TryParse(Environment.GetEnvironmentVariable("TIKR_PROPERTY_ITERATIONS"), out var wanted) ? wanted : 3_000;

    [Fact]
    public Task Any_history_delivers_everything_in_order() =>
        Step.Array[5, 120].SampleAsync(
            steps => LiveThroughAsync(steps, refuses: false, severalWriters: false), iter: Iterations, threads: 1);

    // A key's buckets have one writer, unless its grain has just moved.
    [Fact]
    public Task Any_history_with_several_writers_delivers_everything_and_revisions_in_order() =>
        Step.Array[5, 120].SampleAsync(
            steps => LiveThroughAsync(steps, refuses: false, severalWriters: true), iter: Iterations / 2, threads: 1);

    [Fact]
    public Task Only_records_that_are_refused_alone_too_are_given_up() =>
        Step.Array[5, 120].SampleAsync(
            steps => LiveThroughAsync(steps, refuses: true, severalWriters: false), iter: Iterations / 2, threads: 1);

    private static async Task LiveThroughAsync((int What, int A, int B)[] steps, bool refuses, bool severalWriters)
    {
        await using var world = await World.StartAsync(severalWriters: severalWriters);
        foreach (var (what, a, b) in steps) await HappenAsync(world, what, a, b, refuses, severalWriters);
        await world.SettleAsync();
        world.Check(refuses, ordersBuckets: !severalWriters);
    }

    private static async Task HappenAsync(World world, int what, int a, int b, bool refuses, bool severalWriters)
    {
        var topic = world.Topics[a % 2];
        switch (what)
        {
            case 0 or 1 or 2: await world.WriteAsync(a, 1 + (b % 9), elsewhere: severalWriters && b % 3 == 0); break;
            case 3: await world.WriteAsync(a, 1 + (b % 3), b % 2 == 0 ? Fault.AnswerLost : Fault.NotDone); break;
            case 4 or 5 or 6: await world.StepAsync(a); break;
            case 7 or 8: topic.Deliver(1 + (b % 7)); break;
            case 9: topic.Fail(SendFailureKind.Transient, isWritten: b % 2 == 0); break;
            case 10: topic.Fail(refuses ? SendFailureKind.Record : SendFailureKind.Topic, isWritten: false); break;
            case 11: world.Time.Advance(TimeSpan.FromMilliseconds(10 + (a * 20))); break;
            case 12: await world.CrashAsync(b % 5); break;
            case 13: topic.Capacity = b % 4 == 0 ? b % 3 : int.MaxValue; break;
            case 14:
                var fault = (Fault)(b % 3);
                world.Store.Faults.OnDelete = _ => fault;
                break;
            case 15: topic.Deliver(int.MaxValue); break;
            case 16: world.Time.StepWall(TimeSpan.FromSeconds((a - 31) * 400)); break;
        }
    }
}
