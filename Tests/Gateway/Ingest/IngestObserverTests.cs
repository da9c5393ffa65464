using Microsoft.Extensions.Logging;
using Tikr.Contracts;
using Tikr.Gateway.Ingest;
using Tikr.Gateway.Ingest.Lanes;
using Tikr.Gateway.Metrics;
using Tikr.Tests.Support;

namespace Tikr.Tests.Gateway.Ingest;

public sealed class IngestObserverTests : IDisposable
{
    private readonly IngestBench _bench = new();
    private readonly GatewayMetrics _metrics = IngestBench.Metrics();
    private readonly LogRecorder _log = new();
    private readonly IngestObserver _observer;

    public IngestObserverTests() =>
        _observer = new IngestObserver(_metrics, new LoggerFactory([_log]).CreateLogger<IngestObserver>(), _bench.Time);

    [Fact]
    public void Fields_taken_as_zero_are_logged_at_first_and_then_once_a_minute_by_series_and_field()
    {
        for (var i = 0; i < 100; i++) Receive(lacking: "price");
        Receive(lacking: "quantity");
        Assert.Equal([Line(1, "price"), Line(1, "quantity")], _log.Lines);

        _bench.Time.Advance(TimeSpan.FromSeconds(61));
        Receive(lacking: "price");
        Assert.Equal(Line(100, "price"), _log.Lines[^1]);
        Assert.Equal(3, _log.Lines.Count);
    }

    [Fact]
    public void Ticks_that_have_every_field_are_not_spoken_of()
    {
        _observer.Received(_bench.Message(new Source(), new Tick("A", IngestBench.Start)).Message!);
        Assert.Empty(_log.Lines);
    }

    [Fact]
    public void What_fails_and_is_retried_is_one_line_with_the_innermost_cause_and_its_stack_is_for_debug_alone()
    {
        var error = new InvalidOperationException("The store is away.", new IOException("the cable is cut"));
        _observer.CommitRetried(7, error);
        _observer.Flushed(3, TimeSpan.Zero, error);
        _observer.DeliveryFailed(2, error);
        _observer.MaintenanceFailed("retire manifests", error);

        var told = _log.Messages.Where(message => message.Level > LogLevel.Debug).ToList();
        Assert.Equal([2411, 2412, 2414, 2415], told.Select(message => message.Id));
        Assert.All(told, message => Assert.Null(message.Exception));
        Assert.All(told, message => Assert.EndsWith(": the cable is cut", message.Text, StringComparison.Ordinal));
        Assert.Equal(4, _log.Messages.Count(message => message.Level == LogLevel.Debug && message.Exception == error));
    }

    public void Dispose() => _metrics.Dispose();

    private static string Line(int ticks, string field) =>
        $"Warning 2418: {ticks} ticks of series market lack field {field}, which a metric reads; stored as 0 (missing_field: zero)";

    private void Receive(string lacking)
    {
        var tick = new TickData
        {
            TimestampNs = (ulong)IngestBench.Start,
            Dimensions = { ["symbol"] = "A" },
            Fields = { ["price"] = 1, ["quantity"] = 1 },
        };
        tick.Fields.Remove(lacking);
        _observer.Received(_bench.Message(new Source(), new IngestRequest { Series = "market", Ticks = { tick } }).Message!);
    }
}
