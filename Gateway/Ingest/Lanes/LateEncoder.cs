using Google.Protobuf;
using Tikr.Contracts;
using Tikr.Core.Wire;
using Tikr.Storage;

namespace Tikr.Gateway.Ingest.Lanes;

/// <summary>
/// Puts the late ticks of a flush into its commit: per key and some hundred ticks one tikr.v1 IngestRequest, which can be sent to a server
/// as it is.
/// </summary>
internal static class LateEncoder
{
    // Far below the size that brokers take, whatever the fields.
    private const int MaxTicks = 200;

    /// <summary>Adds the late ticks of a message.</summary>
    public static void Encode(IngestSeries series, TickMessage message, OutboxLayout outbox, FlushCommit commit)
    {
        foreach (var key in message.Late.GroupBy(tick => tick.Key))
        {
            foreach (var ticks in key.Chunk(MaxTicks))
            {
                var request = new IngestRequest { Series = series.Model.Name, Ticks = { ticks.Select(tick => ToData(series, tick)) } };
                var (offset, length) = (commit.Bytes.WrittenCount, request.CalculateSize());
                request.WriteTo(commit.Bytes.GetSpan(length)[..length]);
                commit.Bytes.Advance(length);
                var partition = OutboxPartitions.OfLate(series.Series.Id, outbox.PartitionsPerSeries, key.Key.KeyId);
                commit.Routed.Add(
                    new RoutedRecord(partition, series.Series.Id, key.Key.KeyId, ticks.Max(tick => tick.TimeNs), offset, length));
            }
        }
    }

    private static TickData ToData(IngestSeries series, LateTick tick)
    {
        var data = new TickData { TimestampNs = tick.Timestamp, Sequence = tick.Sequence };
        var (spec, fields) = (series.Model.Spec, series.Model.Fields);
        for (var i = 0; i < spec.Dimensions.Length; i++) data.Dimensions[spec.Dimensions[i].Name] = tick.Key.Dimensions.Values[i];
        for (var i = 0; i < fields.Length; i++)
        {
            if ((tick.Present >> i & 1) != 0) data.Fields[fields[i].Name] = tick.Fields[i];
        }

        return data;
    }
}
