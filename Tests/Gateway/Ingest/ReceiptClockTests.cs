using Tikr.Gateway.Ingest;
using Tikr.Gateway.Ingest.Lanes;

namespace Tikr.Tests.Gateway.Ingest;

public sealed class ReceiptClockTests
{
    private const long Now = IngestBench.Start, Millisecond = IngestBench.Second / 1_000;
    private readonly IngestBench _bench = new();
    private readonly ReceiptClock _clock;

    public ReceiptClockTests() => _clock = new ReceiptClock(_bench.LaneSet, new IngestOptions());

    private long Grace => _bench.Model.Spec.GraceNs;

    [Fact]
    public void Without_streams_everything_is_received() => Assert.Equal(Now, ThroughNs());

    [Fact]
    public void A_stream_that_waits_for_its_client_holds_nothing_back()
    {
        Add(Now - (900 * Millisecond), drained: true);
        Assert.Equal(Now, ThroughNs());
    }

    [Fact]
    public void A_full_stream_counts_as_received_up_to_its_event_time_and_the_grace()
    {
        Add(Now - (900 * Millisecond), drained: false);
        Add(Now - (500 * Millisecond), drained: false);
        Assert.Equal(Now - (900 * Millisecond) + Grace, ThroughNs());
    }

    [Fact]
    public void A_full_stream_that_keeps_up_holds_nothing_back()
    {
        Add(Now - (Grace / 2), drained: false);
        Assert.Equal(Now, ThroughNs());
    }

    [Theory]
    [InlineData(1_500, true)]
    [InlineData(1_501, false)]
    [InlineData(86_400_000, false)]
    public void A_stream_that_is_too_far_behind_is_not_waited_for(long milliseconds, bool isWaitedFor)
    {
        Add(Now - Grace - (milliseconds * Millisecond), drained: false);
        Assert.Equal(isWaitedFor ? Now - (milliseconds * Millisecond) : Now, ThroughNs());
    }

    [Fact]
    public void What_a_stream_was_when_the_flush_began_counts()
    {
        var source = Add(Now - (900 * Millisecond), drained: false);
        _clock.Look();
        source.Stream.IsDrained = true;
        Assert.Equal(Now - (900 * Millisecond) + Grace, _clock.ThroughNs(IngestBench.At(Now)));
        Assert.Equal(Now, ThroughNs());
    }

    [Fact]
    public void A_stream_that_has_ended_holds_nothing_back()
    {
        _bench.Lane.Sources.Close(Add(Now - (900 * Millisecond), drained: false));
        Assert.Equal(Now, ThroughNs());
    }

    [Fact]
    public void A_series_that_a_stream_brings_rarely_holds_nothing_back_while_another_shows_that_the_stream_keeps_up()
    {
        var stream = new StreamProgress();
        foreach (var milliseconds in new[] { 900, 10 })
        {
            var source = new Source(stream);
            source.Stream.Advance(Now - (milliseconds * Millisecond));
            _bench.Lane.Sources.Open(source);
        }

        Assert.Equal(Now, ThroughNs());
    }

    private long ThroughNs()
    {
        _clock.Look();
        return _clock.ThroughNs(IngestBench.At(Now));
    }

    private Source Add(long eventTimeNs, bool drained)
    {
        var source = new Source(new StreamProgress { IsDrained = drained });
        source.Stream.Advance(eventTimeNs);
        _bench.Lane.Sources.Open(source);
        return source;
    }
}
