using System.Text;
using Tikr.Core.Dimensions;
using Tikr.Core.Rollup;

namespace Tikr.Core.Wire;

/// <summary>A series as the decoder sees it.</summary>
/// <param name="model">The compiled spec.</param>
/// <param name="interner">Its keys.</param>
public class DecoderSeries(SeriesModel model, KeyInterner interner)
{
    private long _earliestNs;

    /// <summary>The compiled spec.</summary>
    public SeriesModel Model { get; } = model;

    /// <summary>Its keys.</summary>
    public KeyInterner Interner { get; } = interner;

    /// <summary>
    /// Ticks before it (Unix nanoseconds) are rejected with timestamp_out_of_range: the store no longer has all ticks of that time.
    /// </summary>
    public long EarliestNs
    {
        get => Volatile.Read(ref _earliestNs);
        set => Volatile.Write(ref _earliestNs, value);
    }

    /// <summary>The name as it stands on the wire.</summary>
    internal byte[] Utf8Name { get; } = Encoding.UTF8.GetBytes(model.Name);

    /// <summary>How fields are recognised.</summary>
    internal FieldMatcher Fields { get; } = new(model);

    /// <summary>Nanoseconds per unit of the wire's timestamps.</summary>
    internal long UnitNs { get; } = AcceptedRange.UnitNsOf(model.Spec.Precision);
}
