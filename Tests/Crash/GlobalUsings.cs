global using Grpc.Core;
global using Tikr.Tests.ProcessSupport;
global using TikrClient = Tikr.Contracts.Tikr.TikrClient;

[assembly: AssemblyFixture(typeof(Tikr.Tests.DatabaseSupport.TimescaleServer))]
