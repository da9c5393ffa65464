using Microsoft.Extensions.Options;

namespace Tikr.Grains.Hosting;

/// <summary>Says everything that is wrong with <see cref="TikrGrainOptions"/> at once.</summary>
internal sealed class TikrGrainOptionsValidator : IValidateOptions<TikrGrainOptions>
{
    public ValidateOptionsResult Validate(string? name, TikrGrainOptions options)
    {
        List<string> errors = [];
        AtLeast(nameof(options.MaxCloseDelay), options.MaxCloseDelay, TimeSpan.Zero);
        AtLeast(nameof(options.CloseSlack), options.CloseSlack, TimeSpan.Zero);
        AtLeast(nameof(options.ClosePoll), options.ClosePoll, TimeSpan.FromMilliseconds(1));
        AtLeast(nameof(options.IdleTimeout), options.IdleTimeout, TimeSpan.FromSeconds(1));
        AtLeast(nameof(options.RetryDelay), options.RetryDelay, TimeSpan.FromMilliseconds(1));
        AtLeast(nameof(options.MaxRetryDelay), options.MaxRetryDelay, options.RetryDelay);
        AtLeast(nameof(options.SweepPeriod), options.SweepPeriod, TimeSpan.FromMilliseconds(10));
        AtLeast(nameof(options.SweepSlack), options.SweepSlack, TimeSpan.Zero);
        AtLeast(nameof(options.ActiveTimerLimit), options.ActiveTimerLimit, 0);
        AtLeast(nameof(options.MaxReleasesPerSecond), options.MaxReleasesPerSecond, 1);
        AtLeast(nameof(options.MaxActivationsInFlight), options.MaxActivationsInFlight, 1);
        AtLeast(nameof(options.MaxBarsPerWrite), options.MaxBarsPerWrite, 1);
        AtLeast(nameof(options.RememberedBuckets), options.RememberedBuckets, 1);
        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);

        void AtLeast<T>(string option, T value, T least)
            where T : IComparable<T>
        {
            if (value.CompareTo(least) < 0) errors.Add($"{nameof(TikrGrainOptions)}.{option} is {value}: it must be at least {least}.");
        }
    }
}
