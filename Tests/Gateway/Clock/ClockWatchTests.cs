using Microsoft.Extensions.Logging;
using Tikr.Core.Ingest;
using Tikr.Gateway.Clock;
using Tikr.Gateway.Metrics;
using Tikr.Tests.Gateway.Ingest;
using Tikr.Tests.Support;
using Tikr.Tests.Support.Time;

namespace Tikr.Tests.Gateway.Clock;

public sealed class ClockWatchTests : IDisposable
{
    private readonly SteppingTime _time = new(DateTimeOffset.UnixEpoch.AddSeconds(1_000_000));
    private readonly GatewayMetrics _metrics = IngestBench.Metrics();
    private readonly LogRecorder _log = new();
    private readonly ClockWatch _watch;

    public ClockWatchTests() => _watch = new ClockWatch(_time, _metrics, new LoggerFactory([_log]).CreateLogger<ClockWatch>());

    [Theory, InlineData(-150, "-150.0"), InlineData(21_600, "+21600.0"), InlineData(-1, "-1.0")]
    public async Task A_step_is_logged_once_with_its_size(int seconds, string shown)
    {
        await _watch.StartAsync(TestContext.Current.CancellationToken);
        _time.Advance(TimeSpan.FromSeconds(3));
        Assert.Empty(_log.Messages);

        _time.StepWall(TimeSpan.FromSeconds(seconds));
        _time.Advance(TimeSpan.FromSeconds(3));

        Assert.Contains($"stepped by {shown} s", Assert.Single(_log.Messages).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_small_difference_is_no_step()
    {
        _time.StepWall(TimeSpan.FromMilliseconds(400));
        _watch.Look();

        Assert.Empty(_log.Messages);
    }

    [Fact]
    public void A_step_is_named_while_ticks_are_rejected_for_their_timestamps()
    {
        _time.StepWall(TimeSpan.FromSeconds(-150));
        _watch.Look();
        Assert.Empty(_watch.Degradations);

        _watch.Rejected(RejectionReasons.UnknownSeries);
        Assert.Empty(_watch.Degradations);
        _watch.Rejected(RejectionReasons.TimestampOutOfRange);
        Assert.Contains("stepped by -150.0 s", Assert.Single(_watch.Degradations), StringComparison.Ordinal);

        _time.Advance(TimeSpan.FromSeconds(61));
        Assert.Empty(_watch.Degradations);
    }

    [Fact]
    public void A_step_that_was_put_right_is_named_no_more()
    {
        _time.StepWall(TimeSpan.FromHours(6));
        _watch.Look();
        _watch.Rejected(RejectionReasons.TimestampOutOfRange);
        _time.StepWall(TimeSpan.FromHours(-6));
        _watch.Look();

        Assert.Empty(_watch.Degradations);
        Assert.Equal(2, _log.Messages.Count);
    }

    [Fact]
    public void Without_a_step_rejected_ticks_are_no_matter_of_the_clock()
    {
        _watch.Rejected(RejectionReasons.TimestampOutOfRange);
        Assert.Empty(_watch.Degradations);
    }

    public void Dispose()
    {
        _watch.Dispose();
        _metrics.Dispose();
    }
}
