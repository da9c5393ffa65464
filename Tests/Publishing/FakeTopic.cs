using System.Text;
using Tikr.Core.Otlp;
using Tikr.Publishing.Records;
using Tikr.Publishing.Sending;

namespace Tikr.Tests.Publishing;

/// <summary>
/// A topic that does with each record what the test says. Records of one sender lie in it in the order of handover, as an idempotent
/// producer has them.
/// </summary>
internal sealed class FakeTopic : IRecordSink
{
    private readonly Queue<Flight> _flights = new();

    /// <summary>The bars in the topic, in order.</summary>
    public List<(string Key, PublishedBar Bar)> Bars { get; } = [];

    /// <summary>Other records in the topic: late ticks.</summary>
    public List<OutgoingRecord> Ticks { get; } = [];

    /// <summary>Most records under way.</summary>
    public int Capacity { get; set; } = int.MaxValue;

    /// <summary>Records under way.</summary>
    public int UnderWay => _flights.Count;

    public bool TrySend(in OutgoingRecord record, IDeliveryReports reports, long token)
    {
        if (_flights.Count >= Capacity) return false;
        _flights.Enqueue(new Flight(record with { Key = [.. record.Key], Value = [.. record.Value] }, reports, token));
        return true;
    }

    /// <summary>The oldest under way is delivered.</summary>
    public void Deliver(int count = 1)
    {
        for (; count > 0 && _flights.TryDequeue(out var flight); count--)
        {
            Write(flight.Record);
            flight.Reports.Delivered(flight.Token);
        }
    }

    /// <summary>The oldest under way fails; it may lie in the topic all the same.</summary>
    public void Fail(SendFailureKind kind, bool isWritten)
    {
        if (!_flights.TryDequeue(out var flight)) return;
        if (isWritten) Write(flight.Record);
        flight.Reports.Failed(flight.Token, new SendFailure(kind, "on request"));
    }

    /// <summary>The sender is gone: some of what was under way was written, the rest was not.</summary>
    public void Forget(int written)
    {
        for (var i = 0; _flights.TryDequeue(out var flight); i++)
        {
            if (i < written) Write(flight.Record);
        }
    }

    private void Write(in OutgoingRecord record)
    {
        var key = Encoding.UTF8.GetString(record.Key);
        if (!BarPayload.TryRead(record.Value, out var bars, out _))
        {
            Ticks.Add(record);
            return;
        }

        var bar = Assert.Single(bars);
        Assert.Equal(record.Revision, bar.Revision);
        Assert.Equal(bar.BucketEnd / 1_000_000, record.TimestampMs);
        Bars.Add((key, bar));
    }

    private sealed record Flight(OutgoingRecord Record, IDeliveryReports Reports, long Token);
}
