using System.Collections.Concurrent;
using Tikr.Core.Dimensions;
using Tikr.Core.Rollup;
using Tikr.Core.Specs;
using Tikr.Core.Wire;

namespace Tikr.Core.Otlp;

/// <summary>
/// Encodes the bars of one series as OTLP. Thread-safe; one per series and encoding. Per key make a <see cref="BarTemplate"/>, which is
/// small: what bars have in common is kept once per form of the bar. docs/otlp.md describes what is written.
/// </summary>
public sealed class BarEncoder
{
    // Forms are few (lengths of dimension values, sets of absent metrics), but producers choose them.
    private const int MaxLayouts = 512;

    private readonly BarShape _shape;
    private readonly ConcurrentDictionary<BarForm, BarLayout> _layouts = new();
    private int _kept;

    private BarEncoder(BarShape shape) => _shape = shape;

    /// <summary>The encoding.</summary>
    public BarEncoding Encoding => _shape.Encoding;

    /// <summary>Media type of the payloads.</summary>
    public string ContentType => Encoding.ContentType();

    /// <summary>The series' spec.</summary>
    public SeriesSpec Spec => _shape.Spec;

    /// <summary>An encoder.</summary>
    /// <param name="spec">The series.</param>
    /// <param name="encoding">How its bars are written.</param>
    /// <param name="serviceName">Resource attribute service.name.</param>
    public static BarEncoder For(SeriesSpec spec, BarEncoding encoding, string serviceName = OtlpScope.Name) =>
        new(new BarShape(spec, encoding, serviceName));

    /// <summary>What encodes the bars of one key.</summary>
    public BarTemplate NewTemplate(DimensionSet dimensions)
    {
        if (dimensions.Values.Length != Spec.Dimensions.Length)
            throw new ArgumentException(
                OtlpMessages.OtherDimensions(Spec.Series, Spec.Dimensions.Length, dimensions.Values.Length), nameof(dimensions));
        return new BarTemplate(this, Encoding == BarEncoding.Json ? Attributes.AsJson(dimensions) : Attributes.AsProtobuf(dimensions));
    }

    /// <summary>The layout of a bar's form.</summary>
    internal BarLayout LayoutOf(Bar bar, int attributesLength)
    {
        if (bar.Values.Length != Spec.Metrics.Length)
            throw new ArgumentException(OtlpMessages.OtherSeries(Spec.Series, Spec.Metrics.Length, bar.Values.Length), nameof(bar));
        var revision = bar.Revision == 0 ? 0 : VarintCode.LengthOf((ulong)bar.Revision);
        if (Encoding == BarEncoding.Json) attributesLength = 0;
        var form = new BarForm(attributesLength, bar.Present & _shape.AllMetrics, _shape.DoublesOf(bar), revision);
        if (_layouts.TryGetValue(form, out var layout)) return layout;
        layout = NewLayout(form);
        // Without a place in the table a layout still serves its bar.
        if (Volatile.Read(ref _kept) < MaxLayouts && _layouts.TryAdd(form, layout)) Interlocked.Increment(ref _kept);
        return layout;
    }

    /// <summary>A layout that is not shared.</summary>
    internal BarLayout NewLayout(BarForm form) =>
        Encoding == BarEncoding.Json ? JsonLayoutWriter.Write(_shape, form) : ProtobufLayoutWriter.Write(_shape, form);
}
