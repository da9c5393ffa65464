using Tikr.Contracts;

namespace Tikr.Tests.Support.Processes;

/// <summary>A tick of market_ticks.</summary>
public readonly record struct MarketTick(string Symbol, long Time, long Price, long Quantity, uint Sequence)
{
    /// <summary>The tick as it is sent.</summary>
    public TickData ToData() => new()
    {
        TimestampNs = (ulong)Time,
        Dimensions = { ["symbol"] = Symbol },
        Fields = { ["price"] = Price, ["quantity"] = Quantity },
        Sequence = Sequence,
    };

    /// <summary>A tick as it was read.</summary>
    public static MarketTick Of(TickData tick) =>
        new(tick.Dimensions["symbol"], (long)tick.TimestampNs, tick.Fields["price"], tick.Fields["quantity"], tick.Sequence);
}
