using System.Buffers;
using Tikr.Core.Ingest;
using Tikr.Core.Time;

namespace Tikr.Core.Wire;

/// <summary>
/// Decodes IngestRequest messages of tikr.v1 straight into columns: no string, no map, and nothing allocated per tick. Accepts exactly what
/// the generated protobuf parser accepts, except that a tick with text that is not UTF-8 is rejected alone and not with its whole message,
/// and that tags of wire type 6 or 7 are never skipped. Safe for any number of threads.
/// </summary>
public sealed unsafe class TickDecoder
{
    // Room made at first, in ticks of the smallest usual size, so that a message of empty ticks cannot claim much memory.
    private const int UsualTickBytes = 24;

    private readonly IDecoderSeriesSource _series;
    private readonly TimeProvider _time;
    private readonly TickMessagePool _pool;
    private readonly long _maxDecodedBytes;

    /// <summary>Makes a decoder.</summary>
    /// <param name="series">The series that ticks may name.</param>
    /// <param name="time">The clock that ticks are checked against, read once per message.</param>
    /// <param name="pool">Where messages come from and go back to.</param>
    /// <param name="maxDecodedBytes">Most memory for the ticks of a message: few bytes can stand for ticks of many fields.</param>
    public TickDecoder(IDecoderSeriesSource series, TimeProvider time, TickMessagePool pool, long maxDecodedBytes = long.MaxValue)
    {
        _maxDecodedBytes = maxDecodedBytes;
        _series = series;
        _time = time;
        _pool = pool;
    }

    /// <summary>
    /// Decodes a message. Never throws for what the bytes are: <see cref="TickMessage.Malformed"/> says if they are no message. Keeps no
    /// reference to the payload. The caller owes a <see cref="TickMessage.Release"/>.
    /// </summary>
    public TickMessage Decode(in ReadOnlySequence<byte> payload)
    {
        if (payload.IsSingleSegment) return Decode(payload.FirstSpan);
        var length = checked((int)payload.Length);
        var buffer = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            payload.CopyTo(buffer);
            return Decode(buffer.AsSpan(0, length));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private TickMessage Decode(ReadOnlySpan<byte> bytes)
    {
        fixed (byte* start = bytes)
        {
            var end = start + bytes.Length;
            var outline = MessageOutline.Of(start, end);
            var series = Find(outline.Series);
            var message = _pool.Rent(series);
            var scope = new TickScope { Message = message, Fault = outline.Fault, FaultAt = outline.FaultAt };
            message.PayloadBytes = bytes.Length;
            if (series is not null && (long)outline.Ticks * series.Model.TickBytes > _maxDecodedBytes)
            {
                message.TooLarge = WireFaults.TooLarge(series, outline.Ticks, _maxDecodedBytes);
                return message;
            }

            if (scope.Fault == WireFault.None) Read(ref scope, outline, series, start, end);
            if (scope.Fault == WireFault.None)
            {
                message.Received = outline.Ticks;
            }
            else
            {
                message.Clear();
                message.Malformed = WireFaults.Describe(scope.Fault, scope.FaultAt - start, bytes.Length);
                message.PayloadBytes = bytes.Length;
            }

            return message;
        }
    }

    private void Read(ref TickScope scope, in MessageOutline outline, DecoderSeries? series, byte* start, byte* end)
    {
        if (series is null || !outline.SeriesIsValid)
        {
            RejectAll(ref scope, outline, start, end);
            return;
        }

        var nowNs = _time.GetUnixNanoseconds();
        scope.Series = series;
        scope.Accepted = AcceptedRange.Of(series.Model, nowNs, series.EarliestNs, series.UnitNs);
        scope.Message.RouteBeforeNs = AcceptedRange.RouteBefore(series.Model, nowNs);
        scope.Stamp = series.Interner.Stamp;
        scope.Table = series.Interner.Table;
        scope.Message.EnsureCapacity(Math.Min(outline.Ticks, 64 + ((int)(end - start) / UsualTickBytes)));
        TickReader.Read(ref scope, start, end);
    }

    private void RejectAll(ref TickScope scope, in MessageOutline outline, byte* p, byte* end)
    {
        var reason = outline.SeriesIsValid ? RejectionReasons.UnknownSeries : RejectionReasons.InvalidUtf8;
        var tally = scope.Message.Rejections;
        var text = outline.SeriesIsValid
            ? RejectionTexts.UnknownSeries(outline.Series, _series.Now) : RejectionTexts.SeriesNotUtf8(outline.Series);
        var name = RejectionTexts.Shown(outline.Series);
        for (byte* tick; (tick = MessageOutline.NextTick(p, end, out var tickEnd)) is not null; p = tickEnd)
        {
            if (!CarefulReader.ReadUnclaimed(ref scope, tick, tickEnd, out var timestamp)) return;
            tally.Add(reason);
            if (tally.WantsSample) tally.AddSample(new RejectionSample(reason, text, timestamp, name));
        }
    }

    private DecoderSeries? Find(ReadOnlySpan<byte> name)
    {
        foreach (var series in _series.Now)
        {
            if (name.SequenceEqual(series.Utf8Name)) return series;
        }

        return null;
    }
}
