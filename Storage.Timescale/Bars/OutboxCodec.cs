using System.Buffers;
using System.Numerics;
using Tikr.Core.Rollup;
using Tikr.Storage.Timescale.Catalog;

namespace Tikr.Storage.Timescale.Bars;

/// <summary>
/// The column bar of the outbox, as variable-length integers: revision, ticks, first time - bucket, last time - first time, then number and
/// value of each metric that has one. An entry keeps its bar: a later revision does not change it, and metrics may come and go.
/// </summary>
internal static class OutboxCodec
{
    public static void Write(IBufferWriter<byte> to, TimescaleSeries series, Bar bar, int revision)
    {
        to.WriteVarint((uint)revision);
        to.WriteVarint((ulong)bar.TickCount);
        to.WriteSigned(bar.FirstTimestamp - bar.BucketStart);
        to.WriteSigned(bar.LastTimestamp - bar.FirstTimestamp);
        for (var rest = bar.Present; rest != 0; rest &= rest - 1)
        {
            var i = BitOperations.TrailingZeroCount(rest);
            to.WriteVarint((uint)series.MetricIds[i]);
            to.WriteSigned(bar.Values[i]);
        }
    }

    public static Bar Read(ReadOnlySpan<byte> bytes, TimescaleSeries series, long bucketStart)
    {
        var reader = new ByteReader(bytes);
        var (revision, ticks) = ((int)reader.ReadVarint(), (long)reader.ReadVarint());
        var first = bucketStart + reader.ReadSigned();
        var last = first + reader.ReadSigned();
        var values = new long[series.MetricIds.Length];
        ulong present = 0;
        while (!reader.IsEmpty)
        {
            var index = Array.IndexOf(series.MetricIds, (int)reader.ReadVarint());
            var value = reader.ReadSigned();
            if (index < 0) continue;
            values[index] = value;
            present |= 1UL << index;
        }

        return new Bar
        {
            BucketStart = bucketStart,
            FirstTimestamp = first,
            LastTimestamp = last,
            TickCount = ticks,
            Revision = revision,
            Values = values,
            Present = present,
        };
    }
}
