namespace Tikr.Tests.Architecture.Deployment;

/// <summary>What one value of a compose file must be.</summary>
/// <param name="What">In words.</param>
/// <param name="Fits">Whether the value is of that kind.</param>
internal sealed record ComposeRule(string What, Func<object?, bool> Fits)
{
    /// <summary>What is wrong inside a value that is of the kind.</summary>
    public Func<object?, string, IEnumerable<string>> Within { get; init; } = (_, _) => [];

    /// <summary>What is wrong with a value, each with its path in the file.</summary>
    public IEnumerable<string> Problems(object? node, string path) => Fits(node) ? Within(node, path) : [$"{path}: {What} is expected"];
}
