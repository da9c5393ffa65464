namespace Tikr.Core.Wire;

/// <summary>The series that ticks may name. They come and go while messages are decoded; each message sees one list.</summary>
public interface IDecoderSeriesSource
{
    /// <summary>The series as of now; not to be changed.</summary>
    DecoderSeries[] Now { get; }
}

/// <summary>Series that never change.</summary>
/// <param name="series">The series.</param>
public sealed class FixedSeries(params DecoderSeries[] series) : IDecoderSeriesSource
{
    /// <inheritdoc/>
    public DecoderSeries[] Now => series;
}
