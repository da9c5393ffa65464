using System.Text;
using Google.Protobuf;
using Grpc.Core;
using Tikr.Contracts;
using Tikr.Core.Rollup;
using Tikr.Core.Wire;
using Tikr.Storage;

namespace Tikr.Gateway.Queries;

/// <summary>
/// A <see cref="BarData"/> on its way out, written by hand: what a key's bars share is encoded once, and a query of an hour of bars spends
/// its time on reading them and not on filling maps. One is reused for all bars of a query.
/// </summary>
internal sealed class BarMessage
{
    private const int NumberField = 1 + VarintCode.MaxLength;

    private readonly SeriesModel _model;
    private readonly byte[][] _names;
    private readonly int _maxMetricsLength;
    private byte[] _head = [];
    private Bar? _bar;
    private bool _open;

    public BarMessage(SeriesModel model)
    {
        _model = model;
        _names = [.. model.Metrics.Select(metric => NameOf(metric.Name))];
        _maxMetricsLength = _names.Sum(name => 1 + VarintCode.MaxLength + name.Length + NumberField);
    }

    /// <summary>How the message gets onto the wire. Servers do not read it.</summary>
    public static Marshaller<BarMessage> Marshaller { get; } =
        new(static (message, context) => message.Write(context),
            static BarMessage (_) => throw new NotSupportedException("Servers do not read bars."));

    /// <summary>Most bytes that a bar of the present key can have.</summary>
    public int MaxLength => _head.Length + _maxMetricsLength + (6 * NumberField);

    /// <summary>The bars that follow are of this key.</summary>
    public void BeginKey(StoredKey key)
    {
        var head = new BarData { Series = _model.Name };
        var dimensions = _model.Spec.Dimensions;
        for (var i = 0; i < dimensions.Length; i++) head.Dimensions.Add(dimensions[i].Name, key.Dimensions.Values[i]);
        _head = head.ToByteArray();
    }

    /// <summary>Makes it the message of a bar.</summary>
    public void Set(Bar bar, bool open) => (_bar, _open) = (bar, open);

    private void Write(SerializationContext context)
    {
        var most = MaxLength;
        // The length goes first, so the bytes are put together beforehand.
        var buffer = most <= 2048 ? stackalloc byte[most] : new byte[most];
        var length = Encode(_bar!, buffer);
        context.SetPayloadLength(length);
        var writer = context.GetBufferWriter();
        buffer[..length].CopyTo(writer.GetSpan(length));
        writer.Advance(length);
        context.Complete();
    }

    private int Encode(Bar bar, Span<byte> target)
    {
        _head.CopyTo(target);
        var at = _head.Length;
        at += Number(target[at..], BarTags.BucketStart, (ulong)bar.BucketStart);
        for (var i = 0; i < _names.Length; i++)
        {
            if (bar.Has(i)) at += Metric(target[at..], _names[i], (ulong)bar.Values[i]);
        }

        at += Number(target[at..], BarTags.FirstTimestamp, (ulong)bar.FirstTimestamp);
        at += Number(target[at..], BarTags.LastTimestamp, (ulong)bar.LastTimestamp);
        at += Number(target[at..], BarTags.TickCount, (ulong)bar.TickCount);
        at += Number(target[at..], BarTags.Revision, (uint)bar.Revision);
        return at + Number(target[at..], BarTags.Open, _open ? 1UL : 0);
    }

    private static int Number(Span<byte> target, byte tag, ulong value)
    {
        if (value == 0) return 0;
        target[0] = tag;
        return 1 + VarintCode.WriteShortest(target[1..], value);
    }

    private static int Metric(Span<byte> target, byte[] name, ulong value)
    {
        target[0] = BarTags.Metric;
        var at = 1 + VarintCode.WriteShortest(target[1..], (ulong)(name.Length + 1 + VarintCode.LengthOf(value)));
        name.CopyTo(target[at..]);
        at += name.Length;
        target[at++] = EntryTags.Number;
        return at + VarintCode.WriteShortest(target[at..], value);
    }

    private static byte[] NameOf(string name)
    {
        var utf8 = Encoding.UTF8.GetBytes(name);
        var length = new byte[VarintCode.LengthOf((ulong)utf8.Length)];
        VarintCode.Write(length, (ulong)utf8.Length);
        return [EntryTags.Key, .. length, .. utf8];
    }
}
