global using Tikr.Tests.Support;
