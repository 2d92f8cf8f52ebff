// MIDI devices that exist only in a text file: stands for the ALSA sequencer, which a test machine lacks. Each line of the
// file named by PSC2_TEST_DEVICES is "uid <tab> device <tab> name", and may come and go while sclang runs; a fourth column
// "out" makes it a destination, and what is sent to one is told to PSC2_TEST_PORT. Without the first variable there is no
// sequencer at all, and opening it fails as it does on a machine without sound.
+ MIDIClient {
	*prInitClient {
		if ("PSC2_TEST_DEVICES".getenv.isNil) { Error("no sequencer").throw };
	}

	*prInit { }

	*prDisposeClient { }

	*prList {
		var lines = File.readAllString("PSC2_TEST_DEVICES".getenv).split(Char.nl).reject(_.isEmpty);
		var rows = lines.collect(_.split(Char.tab));
		var ins = rows.select { |row| row[3] != "out" }, outs = rows.select { |row| row[3] == "out" };
		var column = { |rows, number| rows.collect { |row| row[number] } };
		^[
			ins.collect { |row| row[0].asInteger }, column.(ins, 1), column.(ins, 2),
			outs.collect { |row| row[0].asInteger }, column.(outs, 2), column.(outs, 1)
		]
	}
}

+ MIDIIn {
	*connectByUID { |port, uid|
		"PSC2_TEST: port % hears %".format(port, uid).postln;
	}

	*disconnectByUID { |port, uid|
		"PSC2_TEST: port % no longer hears %".format(port, uid).postln;
	}
}

+ MIDIOut {
	// The bundle's time tag is the moment at which the message leaves: `late` seconds from now, which a function that is
	// run a little late knows as the moment that it was scheduled for.
	send { |outport, uid, length, hiStatus, loStatus, a = 0, b = 0, late = 0|
		NetAddr("127.0.0.1", "PSC2_TEST_PORT".getenv.asInteger)
			.sendBundle(Main.elapsedTime - SystemClock.seconds + late, ['/test/midi_out', uid, hiStatus, loStatus, a, b].keep(length + 3));
	}
}
