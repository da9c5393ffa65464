using Google.Protobuf;
using Tikr.Contracts;

namespace Tikr.LoadGenerator.Sending;

/// <summary>
/// Serialises the messages of one stream: values as the shape draws them, gaps like a Poisson process's, every key at least once.
/// </summary>
internal sealed class TemplateFactory(LoadOptions options, int[] keys, TickTimes times, int seed)
{
    private readonly Shape _shape = options.Shape;
    private readonly Random _random = new(seed);
    private readonly long[] _last = new long[keys.Length * options.Shape.Fields.Length];
    private readonly uint[] _ordinals = new uint[keys.Length];

    public MessageTemplate[] Build()
    {
        for (var i = 0; i < _last.Length; i++) _last[i] = _shape.Fields[i % _shape.Fields.Length].First(_random);
        var drawn = DrawKeys();
        var templates = new MessageTemplate[drawn.Length / options.TicksPerMessage];
        for (var i = 0; i < templates.Length; i++)
        {
            templates[i] = Serialise(drawn.AsSpan(i * options.TicksPerMessage, options.TicksPerMessage));
        }

        foreach (var template in templates)
        {
            foreach (ref var slot in template.Slots.AsSpan()) slot.PerRound = _ordinals[slot.Key];
        }

        return templates;
    }

    private int[] DrawKeys()
    {
        var wanted = Math.Clamp(keys.Length * 8, 65_536, 1_000_000);
        var messages = Math.Max(2, (wanted + options.TicksPerMessage - 1) / options.TicksPerMessage);
        var drawn = new int[messages * options.TicksPerMessage];
        var sampler = new KeySampler(keys, options.Zipf);
        for (var i = 0; i < drawn.Length; i++) drawn[i] = i < keys.Length ? i : sampler.Draw(_random);
        _random.Shuffle(drawn);
        return drawn;
    }

    private MessageTemplate Serialise(ReadOnlySpan<int> drawn)
    {
        var slots = new TickSlot[drawn.Length];
        var values = new long[drawn.Length * _shape.Fields.Length];
        Place(slots);
        using var bytes = new MemoryStream();
        using (var output = new CodedOutputStream(bytes, leaveOpen: true))
        {
            output.WriteTag(IngestRequest.SeriesFieldNumber, WireFormat.WireType.LengthDelimited);
            output.WriteString(_shape.Series);
            for (var i = 0; i < drawn.Length; i++)
            {
                var tick = Serialise(drawn[i], ref slots[i], values.AsSpan(i * _shape.Fields.Length, _shape.Fields.Length));
                output.WriteTag(IngestRequest.TicksFieldNumber, WireFormat.WireType.LengthDelimited);
                output.WriteLength(tick.Length);
                output.Flush();
                slots[i].TimeAt = (int)bytes.Position + 1;
                slots[i].SequenceAt = (int)bytes.Position + tick.Length - FixedVarint.SequenceLength;
                bytes.Write(tick);
            }
        }

        return new MessageTemplate(bytes.ToArray(), slots, values);
    }

    private byte[] Serialise(int key, ref TickSlot slot, Span<long> values)
    {
        slot.Key = key;
        slot.Ordinal = _ordinals[key]++;
        slot.LateNs = _random.NextDouble() < options.LateShare ? times.Lateness((long)(options.LateSeconds * 1e9)) : 0;
        var tick = new TickData { TimestampNs = 1UL << 60, Sequence = FixedVarint.LeastSequence };
        _shape.AddDimensions(tick.Dimensions, keys[key]);
        for (var i = 0; i < values.Length; i++)
        {
            ref var last = ref _last[(key * values.Length) + i];
            last = values[i] = _shape.Fields[i].Next(_random, last);
            tick.Fields.Add(_shape.Fields[i].Name, last);
        }

        return tick.ToByteArray();
    }

    // Exponential gaps, scaled so that the last tick is the newest.
    private void Place(Span<TickSlot> slots)
    {
        Span<double> at = slots.Length <= 1024 ? stackalloc double[slots.Length] : new double[slots.Length];
        var sum = 0.0;
        for (var i = 0; i < at.Length; i++) at[i] = sum -= Math.Log(1 - _random.NextDouble());
        for (var i = 0; i < at.Length; i++) slots[i].Position = sum > 0 ? (uint)(at[i] / sum * TickTimes.Whole) : TickTimes.Whole;
    }
}
