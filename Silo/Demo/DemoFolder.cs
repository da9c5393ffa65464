namespace Tikr.Silo.Demo;

/// <summary>A folder for the data of one demo, deleted with it.</summary>
internal sealed class DemoFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("tikr-demo-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
