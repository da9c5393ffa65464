global using Grpc.Core;
global using Tikr.Contracts;
global using TikrClient = Tikr.Contracts.Tikr.TikrClient;

// Each test loads several server processes and measures them by the wall clock: two at a time would only disturb each other.
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]

[assembly: AssemblyFixture(typeof(Tikr.Tests.Support.Databases.TimescaleServer))]
