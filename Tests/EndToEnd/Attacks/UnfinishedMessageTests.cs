namespace Tikr.Tests.EndToEnd.Attacks;

/// <summary>Messages that are announced and never finished.</summary>
public sealed class UnfinishedMessageTests
{
    private const int Connections = 6, Streams = 1000, AtOnce = 50;

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
            await OpenAllAsync(attackers, (body, end) => StopShortAsync(body, announced, sent, end));
            await WellBehaved.WorksForAsync(TimeSpan.FromSeconds(4));
            await Eventually.HoldsAsync($"{what}: some are turned away", TimeSpan.FromSeconds(20), async () =>
                (await silo.MetricsAsync()).Sum("tikr_server_refused_total") > 0 ? null : (await silo.ReadinessAsync()).Text);

            await beside.WasServedAsync();
        }
        finally
        {
            attackers.ForEach(connection => connection.Dispose());
        }
    }

    // Not all in one moment: that would measure how fast this process and the server start thousands of calls.
    private static async Task OpenAllAsync(List<RawCalls> attackers, Func<Stream, CancellationToken, Task> write)
    {
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        for (var opened = 0; opened < Streams; opened += AtOnce)
        {
            foreach (var connection in attackers)
            {
                for (var i = 0; i < AtOnce; i++) _ = connection.OpenAsync("IngestTicks", write);
            }

            await pause.WaitForNextTickAsync(TestContext.Current.CancellationToken);
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
