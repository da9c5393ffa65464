namespace Tikr.Core.Otlp;

/// <summary>Who published a bar, as resource and instrumentation scope say it.</summary>
internal static class OtlpScope
{
    /// <summary>Name of the scope, and of the service where no other is given.</summary>
    public const string Name = "tikr";

    public const string ServiceAttribute = "service.name";

    public const string SeriesAttribute = "tikr.series";

    /// <summary>Version of the scope: this assembly's.</summary>
    public static readonly string Version = typeof(OtlpScope).Assembly.GetName().Version!.ToString(3);
}
