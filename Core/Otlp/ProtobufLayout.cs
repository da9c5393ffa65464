using System.Buffers.Binary;
using Tikr.Core.Rollup;
using Tikr.Core.Specs;
using Tikr.Core.Wire;

namespace Tikr.Core.Otlp;

/// <summary>A bar in protobuf with every length in place: copied whole, then patched.</summary>
internal sealed class ProtobufLayout(BarShape shape, byte[] bytes, PointHole[] points, VarintHole[] varints) : BarLayout
{
    public override int MaxLength(int attributesLength) => bytes.Length;

    public override int Write(Bar bar, ReadOnlySpan<byte> attributes, Span<byte> target)
    {
        bytes.CopyTo(target);
        var start = shape.StartOf(bar);
        var time = shape.TimeOf(bar);
        foreach (ref readonly var point in points.AsSpan())
        {
            var value = point.Metric < 0 ? bar.TickCount : bar.Values[point.Metric];
            if (point.IsDouble) value = BitConverter.DoubleToInt64Bits(point.Type.DoubleOf(value));
            var at = target.Slice(point.Offset, PointHole.Length + attributes.Length);
            BinaryPrimitives.WriteInt64LittleEndian(at[PointHole.Start..], start);
            BinaryPrimitives.WriteInt64LittleEndian(at[PointHole.Time..], time);
            BinaryPrimitives.WriteInt64LittleEndian(at[PointHole.Value..], value);
            attributes.CopyTo(at[PointHole.Length..]);
        }

        foreach (ref readonly var varint in varints.AsSpan())
            VarintCode.Write(target.Slice(varint.Offset, varint.Length), varint.Content.Of(bar));
        return bytes.Length;
    }
}

/// <summary>A data point: three tagged numbers of 8 bytes, then the attributes.</summary>
/// <param name="Offset">Where it begins.</param>
/// <param name="Metric">Index of its metric; negative for the tick count.</param>
/// <param name="Type">Type of its value.</param>
/// <param name="IsDouble">Whether its value is written as a double.</param>
internal readonly record struct PointHole(int Offset, int Metric, FieldType Type, bool IsDouble)
{
    public const int Start = 1, Time = 10, Value = 19, Length = 27;
}

/// <summary>An integer of the metadata.</summary>
/// <param name="Offset">Where it begins.</param>
/// <param name="Length">Its bytes.</param>
/// <param name="Content">What it is.</param>
internal readonly record struct VarintHole(int Offset, int Length, Content Content);

/// <summary>A number of a bar.</summary>
/// <param name="Kind">Which.</param>
/// <param name="Metric">Metric of a value; negative for the tick count.</param>
/// <param name="Type">Its type.</param>
internal readonly record struct Content(ContentKind Kind, int Metric = 0, FieldType Type = default)
{
    public ulong Of(Bar bar) => Kind switch
    {
        ContentKind.First => (ulong)bar.FirstTimestamp,
        ContentKind.Last => (ulong)bar.LastTimestamp,
        ContentKind.Revision => (ulong)bar.Revision,
        _ => (ulong)(Metric < 0 ? bar.TickCount : bar.Values[Metric]),
    };
}

/// <summary>Kinds of numbers of a bar.</summary>
internal enum ContentKind
{
    Value,
    First,
    Last,
    Revision,
}
