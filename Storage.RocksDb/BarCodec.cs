using System.Buffers;
using System.Numerics;
using Tikr.Core.Rollup;

namespace Tikr.Storage.RocksDb;

/// <summary>
/// Values of the bars column family: layout, revision, ticks, first and last time as offsets, presence, and the present values.
/// </summary>
internal sealed class BarCodec(BarLayouts layouts)
{
    public void Write(IBufferWriter<byte> to, ushort seriesId, Bar bar)
    {
        to.WriteVarint(layouts.Current(seriesId));
        to.WriteVarint((uint)bar.Revision);
        to.WriteVarint((ulong)bar.TickCount);
        to.WriteSigned(bar.FirstTimestamp - bar.BucketStart);
        to.WriteSigned(bar.LastTimestamp - bar.FirstTimestamp);
        to.WriteVarint(bar.Present);
        for (var i = 0; i < bar.Values.Length; i++)
        {
            if (bar.Has(i)) to.WriteSigned(bar.Values[i]);
        }
    }

    public Bar Read(ReadOnlySpan<byte> value, Series series, long bucketStart)
    {
        var reader = new ByteReader(value);
        var map = layouts.MapFrom((uint)reader.ReadVarint(), series.Id);
        var revision = (int)reader.ReadVarint();
        var ticks = (long)reader.ReadVarint();
        var first = bucketStart + reader.ReadSigned();
        var last = first + reader.ReadSigned();
        var stored = reader.ReadVarint();
        var values = new long[series.Model.Metrics.Length];
        ulong present = 0;
        for (; stored != 0; stored &= stored - 1)
        {
            var index = BitOperations.TrailingZeroCount(stored);
            var metricValue = reader.ReadSigned();
            if (map is not null) index = map[index];
            if (index < 0) continue;
            values[index] = metricValue;
            present |= 1UL << index;
        }

        return new Bar
        {
            BucketStart = bucketStart,
            FirstTimestamp = first,
            LastTimestamp = last,
            TickCount = ticks,
            Values = values,
            Present = present,
            Revision = revision,
        };
    }
}
