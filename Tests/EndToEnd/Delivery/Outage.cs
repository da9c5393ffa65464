using System.Globalization;

namespace Tikr.Tests.EndToEnd.Delivery;

/// <summary>An outage of the brokers and what the server did meanwhile.</summary>
internal sealed class Outage(KafkaServer server)
{
    private long _downNs, _upNs, _caughtUpNs, _backlog;
    private string _load = "";

    /// <summary>Since when bars are looked at.</summary>
    public long FromNs { get; } = WallClock.CurrentBucket;

    /// <summary>Most resident memory before the outage.</summary>
    public double MegabytesBefore { get; private set; }

    /// <summary>Most resident memory in all, as far as it was watched.</summary>
    public double MostMegabytes { get; private set; }

    /// <summary>Whether <c>/readyz</c> said that ingest waits.</summary>
    public bool WasHeldUp { get; private set; }

    /// <summary>Looks at the server until the time is over; the load must go on as long.</summary>
    public async Task WatchAsync(TimeSpan time, ProgramProcess load)
    {
        var until = WallClock.NowNs + (long)(time.TotalSeconds * WallClock.Second);
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        while (WallClock.NowNs < until)
        {
            Assert.False(load.HasExited, load.Output);
            MostMegabytes = Math.Max(MostMegabytes, server.Silo.Program.ResidentMegabytes);
            WasHeldUp |= (await server.Silo.ReadinessAsync()).Text.Contains("held up", StringComparison.Ordinal);
            await pause.WaitForNextTickAsync();
        }
    }

    public void Begin()
    {
        (MegabytesBefore, _downNs) = (MostMegabytes, WallClock.NowNs);
        server.Kafka.Down();
    }

    public async Task EndAsync()
    {
        _backlog = await server.CountAsync("outbox_depth");
        _upNs = WallClock.NowNs;
        server.Kafka.Up();
    }

    /// <summary>Waits until no more bars wait than come in a second; the load may go on.</summary>
    public async Task CatchUpAsync(int bars, TimeSpan patience)
    {
        await Eventually.HoldsAsync("the backlog is gone", patience, async () =>
        {
            MostMegabytes = Math.Max(MostMegabytes, server.Silo.Program.ResidentMegabytes);
            var waiting = await server.CountAsync("outbox_depth");
            return waiting <= bars ? null : $"{waiting} wait";
        });
        _caughtUpNs = WallClock.NowNs;
    }

    /// <summary>Keeps what the load said of itself.</summary>
    public void Note(ProgramProcess load)
    {
        MostMegabytes = Math.Max(MostMegabytes, server.Silo.Program.ResidentMegabytes);
        _load = load.Output;
    }

    /// <summary>Writes the numbers to the test's output.</summary>
    public void Report(StoredBars bars, PublishedBars published) => TestContext.Current.TestOutputHelper?.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"""
        {bars.Bars.Count} bars in {bars.Identities.Count} revisions
        {published.Records.Count} records in the topic, {published.Repeated} of them repeated
        away for {Seconds(_upNs - _downNs):0.0} s; {_backlog} waited then; caught up {Seconds(_caughtUpNs - _upNs):0.0} s later
        resident {MegabytesBefore:0} MB before, {MostMegabytes:0} MB at most
        {_load}
        """));

    private static double Seconds(long ns) => (double)ns / WallClock.Second;
}
