namespace Tikr.Tests.EndToEnd.Attacks;

/// <summary>Messages that are announced and never finished.</summary>
public sealed class UnfinishedMessageTests
{
    private const int Connections = 6, Streams = 1000;
    private static readonly TimeSpan Attack = TimeSpan.FromSeconds(7);

    public static TheoryData<string, int, int> Shapes => new()
    {
        // what                               announced      sent
        { "all but 40 bytes of 16 MB",        16 << 20,      (16 << 20) - 40 },
        { "one byte of 16 MB",                16 << 20,      1 },
        { "all but a byte of 60 kB",          60_000,        59_999 },
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public async Task Thousands_of_unfinished_messages_disturb_nobody(string what, int announced, int sent)
    {
        await using var silo = await SmallServer.StartAsync("unfinished");
        await using var beside = WellBehaved.Beside(silo);
        var attackers = Enumerable.Range(0, Connections).Select(_ => new RawCalls(silo)).ToList();
        try
        {
            var calls = attackers.SelectMany(connection => Enumerable.Range(0, Streams)
                .Select(_ => connection.OpenAsync("IngestTicks", (body, end) => StopShortAsync(body, announced, sent, end)))).ToList();
            await Eventually.ClockPassesAsync(WallClock.NowNs + (long)Attack.TotalNanoseconds);

            await beside.WasServedAsync();

            var (_, ready) = await silo.ReadinessAsync();
            Assert.True(calls.Count == Connections * Streams && !silo.Program.HasExited, $"{what}: {ready}");
            Assert.True((await silo.MetricsAsync()).Sum("tikr_server_refused_total") > 0, ready);
        }
        finally
        {
            attackers.ForEach(connection => connection.Dispose());
        }
    }

    private static async Task StopShortAsync(Stream body, int announced, int sent, CancellationToken end)
    {
        var part = new byte[16 * 1024];
        await body.WriteAsync(RawCalls.Header((uint)announced), end);
        for (var left = sent; left > 0; left -= Math.Min(left, part.Length))
            await body.WriteAsync(part.AsMemory(0, Math.Min(left, part.Length)), end);
        await body.FlushAsync(end);
        await new TaskCompletionSource().Task.WaitAsync(end);
    }
}
