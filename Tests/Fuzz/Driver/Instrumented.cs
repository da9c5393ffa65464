using System.Reflection;
using System.Runtime.Loader;
using SharpFuzz;

namespace Tikr.Tests.Fuzz.Driver;

/// <summary>The targets over a copy of Tikr.Core that counts its branches, beside the usual ones.</summary>
internal sealed class Instrumented : AssemblyLoadContext
{
    private static readonly Assembly Own = typeof(Instrumented).Assembly;
    private readonly byte[] _core;

    public Instrumented()
    {
        var folder = Repository.NewFolder("fuzz");
        var copy = Path.Combine(folder, "Tikr.Core.dll");
        File.Copy(Path.Combine(AppContext.BaseDirectory, "Tikr.Core.dll"), copy);
        Fuzzer.Instrument(copy, static type => type.StartsWith("Tikr.Core.", StringComparison.Ordinal), Options.Value);
        _core = File.ReadAllBytes(copy);
        Directory.Delete(folder, recursive: true);
    }

    /// <summary>What a target does with an input.</summary>
    public Action<byte[]> Target(Type type)
    {
        var target = LoadFromAssemblyPath(Own.Location).GetType(type.FullName!, throwOnError: true)!;
        return target.GetMethod(nameof(IFuzzTarget.Run))!.CreateDelegate<Action<byte[]>>(Activator.CreateInstance(target));
    }

    protected override Assembly? Load(AssemblyName assemblyName) => assemblyName.Name switch
    {
        "Tikr.Core" => LoadFromStream(new MemoryStream(_core)),
        var name when name == Own.GetName().Name => LoadFromAssemblyPath(Own.Location),
        _ => null,
    };
}
