using Google.Protobuf;
using Tikr.Contracts;

namespace Tikr.LoadGenerator;

/// <summary>Serialises the messages of one stream: random-walk prices in whole cents, mostly round lots, every key at least once.</summary>
internal sealed class TemplateFactory(LoadOptions options, int[] keys, int seed)
{
    private readonly Random _random = new(seed);
    private readonly int[] _prices = new int[keys.Length];

    /// <summary>Ticks of each key in all templates together.</summary>
    public int[] TicksPerRound { get; } = new int[keys.Length];

    public MessageTemplate[] Build()
    {
        for (var i = 0; i < keys.Length; i++) _prices[i] = 100 * _random.Next(500, 50_000);
        var drawn = DrawKeys();
        var templates = new MessageTemplate[drawn.Length / options.TicksPerMessage];
        for (var i = 0; i < templates.Length; i++)
        {
            templates[i] = Serialise(drawn.AsSpan(i * options.TicksPerMessage, options.TicksPerMessage));
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
        using var bytes = new MemoryStream();
        using (var output = new CodedOutputStream(bytes, leaveOpen: true))
        {
            output.WriteTag(IngestRequest.SeriesFieldNumber, WireFormat.WireType.LengthDelimited);
            output.WriteString(options.Series);
            for (var i = 0; i < drawn.Length; i++)
            {
                var tick = Serialise(drawn[i], ref slots[i]);
                output.WriteTag(IngestRequest.TicksFieldNumber, WireFormat.WireType.LengthDelimited);
                output.WriteLength(tick.Length);
                output.Flush();
                slots[i].TimeAt = (int)bytes.Position + 1;
                slots[i].SequenceAt = (int)bytes.Position + tick.Length - FixedVarint.SequenceLength;
                bytes.Write(tick);
            }
        }

        return new MessageTemplate(bytes.ToArray(), slots);
    }

    private byte[] Serialise(int key, ref TickSlot slot)
    {
        _prices[key] = Math.Max(100, _prices[key] + (100 * _random.Next(-3, 4)));
        slot.Key = key;
        slot.Price = _prices[key];
        slot.Quantity = _random.Next(10) < 7 ? 100 * (1 + (int)(-5 * Math.Log(1 - _random.NextDouble()))) : _random.Next(1, 1000);
        slot.Ordinal = TicksPerRound[key]++;
        var tick = new TickData
        {
            TimestampNs = 1UL << 60,
            Dimensions = { ["symbol"] = Symbols.NameOf(keys[key]) },
            Fields = { ["price"] = slot.Price, ["quantity"] = slot.Quantity },
            Sequence = FixedVarint.LeastSequence,
        };
        return tick.ToByteArray();
    }
}
