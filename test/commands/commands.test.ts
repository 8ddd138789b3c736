import { commandsContract } from '../contracts/commands.ts';
import { scriptedPlatform, sent } from './scripted-platform.ts';

commandsContract('A scripted platform', (engine) => scriptedPlatform(engine), sent);
